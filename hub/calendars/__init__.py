"""Business calendars: which hours of which days count as working time."""
