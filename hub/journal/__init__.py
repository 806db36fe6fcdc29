"""The append-only record of every fact: history, audit trail and outbox in one."""
