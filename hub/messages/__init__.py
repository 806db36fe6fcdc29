"""E-mails to citizens: promised with the act that causes them, sent after it."""
