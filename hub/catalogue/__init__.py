"""What tenants offer: services, the categories they stand in, teams and stages of work."""
