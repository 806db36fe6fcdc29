"""Routing: a tenant's ordered rules that say which team a ticket goes to, and why."""
