"""What citizens see: look for a service, report, follow, confirm, rate, read."""
