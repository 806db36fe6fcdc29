"""Who may call which operation, as somebody has looked at it and found right; a new route without a row fails."""

from __future__ import annotations

from dataclasses import dataclass

from tenants.permissions import Permission


@dataclass(frozen=True)
class Who:
    """Who may: anybody, the citizen of the case, machines whose key has one of these scopes beside reading."""

    anybody: bool = False
    citizen: bool = False
    machine: frozenset[Permission] = frozenset()


def machine(*scopes: Permission) -> Who:
    """Machines whose key has one of these scopes."""
    return Who(machine=frozenset(scopes))


ANYBODY = Who(anybody=True)
CITIZEN = Who(citizen=True)
OPENS = Who(anybody=True, machine=frozenset({Permission.TICKETS_OPEN}))
# Of files that wait for a ticket, the act itself says who may: whoever may bring in a case, or write on a ticket.
UPLOADS = Who(anybody=True, machine=frozenset({Permission.TICKETS_OPEN, Permission.TICKETS_NOTE}))
READS = machine(Permission.TICKETS_READ)
SCREENS = machine(Permission.TICKETS_SCREEN)
WORKS = machine(Permission.TICKETS_WORK)
RESOLVES = machine(Permission.TICKETS_RESOLVE)
REPLIES = machine(Permission.TICKETS_REPLY)
TRANSFERS = machine(Permission.TICKETS_TRANSFER)
JOINS = machine(Permission.TICKETS_JOIN)

REVIEWED: dict[str, Who] = {
    "GET /tenants": ANYBODY,
    "GET /tenants/{tenant}": ANYBODY,
    "GET /tenants/{tenant}/services": ANYBODY,
    "GET /tenants/{tenant}/services/{service}": ANYBODY,
    "GET /files/{token}": ANYBODY,
    "POST /tenants/{tenant}/cases": OPENS,
    "POST /tenants/{tenant}/attachments": UPLOADS,
    "POST /tenants/{tenant}/attachments/whole": UPLOADS,
    "PUT /tenants/{tenant}/attachments/{attachment_id}/pieces/{offset}": UPLOADS,
    "GET /tenants/{tenant}/attachments/{attachment_id}/progress": UPLOADS,
    "POST /tenants/{tenant}/attachments/{attachment_id}/finish": UPLOADS,
    "GET /tenants/{tenant}/attachments/{attachment_id}": UPLOADS,
    "DELETE /tenants/{tenant}/attachments/{attachment_id}": UPLOADS,
    "GET /tenants/{tenant}/attachments/{attachment_id}/content": UPLOADS,
    "POST /tenants/{tenant}/attachments/{attachment_id}/link": UPLOADS,
    "GET /cases/{number}": CITIZEN,
    "POST /cases/{number}/tickets/{ticket_id}/answer": CITIZEN,
    "POST /cases/{number}/tickets/{ticket_id}/add-information": CITIZEN,
    "POST /cases/{number}/tickets/{ticket_id}/confirm": CITIZEN,
    "POST /cases/{number}/tickets/{ticket_id}/reopen": CITIZEN,
    "POST /cases/{number}/tickets/{ticket_id}/withdraw": CITIZEN,
    "POST /cases/{number}/tickets/{ticket_id}/attachments": CITIZEN,
    "POST /cases/{number}/tickets/{ticket_id}/attachments/whole": CITIZEN,
    "PUT /cases/{number}/tickets/{ticket_id}/attachments/{attachment_id}/pieces/{offset}": CITIZEN,
    "GET /cases/{number}/tickets/{ticket_id}/attachments/{attachment_id}/progress": CITIZEN,
    "POST /cases/{number}/tickets/{ticket_id}/attachments/{attachment_id}/finish": CITIZEN,
    "GET /cases/{number}/tickets/{ticket_id}/attachments/{attachment_id}": CITIZEN,
    "DELETE /cases/{number}/tickets/{ticket_id}/attachments/{attachment_id}": CITIZEN,
    "GET /cases/{number}/tickets/{ticket_id}/attachments/{attachment_id}/content": CITIZEN,
    "POST /cases/{number}/tickets/{ticket_id}/attachments/{attachment_id}/link": CITIZEN,
    "GET /events": READS,
    "GET /search": READS,
    "GET /tickets": READS,
    "GET /tickets/{ticket_id}": READS,
    "GET /tickets/{ticket_id}/history": READS,
    "GET /tickets/{ticket_id}/clocks": READS,
    "POST /tickets/{ticket_id}/forward": SCREENS,
    "POST /tickets/{ticket_id}/archive": machine(Permission.TICKETS_ARCHIVE),
    "POST /tickets/{ticket_id}/reject": RESOLVES,
    "POST /tickets/{ticket_id}/assign": machine(Permission.TICKETS_ASSIGN),
    "POST /tickets/{ticket_id}/start": WORKS,
    "POST /tickets/{ticket_id}/enter-stage": WORKS,
    "POST /tickets/{ticket_id}/prioritise": machine(Permission.TICKETS_PRIORITISE),
    "POST /tickets/{ticket_id}/wait": WORKS,
    "POST /tickets/{ticket_id}/go-on": WORKS,
    "POST /tickets/{ticket_id}/add-note": machine(Permission.TICKETS_NOTE),
    "POST /tickets/{ticket_id}/reply": REPLIES,
    "POST /tickets/{ticket_id}/ask": REPLIES,
    "POST /tickets/{ticket_id}/resolve": RESOLVES,
    "POST /tickets/{ticket_id}/close-unreachable": machine(Permission.TICKETS_CLOSE),
    "POST /tickets/{ticket_id}/join": JOINS,
    "POST /tickets/{ticket_id}/release": JOINS,
    "POST /tickets/{ticket_id}/transfer": TRANSFERS,
    "POST /tickets/{ticket_id}/add-tenant": TRANSFERS,
}

# Answers that end only when their reader leaves; tests that fetch everything leave them out.
ENDLESS = {"follow"}
