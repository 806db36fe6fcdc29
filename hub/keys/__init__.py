"""API keys of a tenant: made, replaced, revoked, looked at."""
