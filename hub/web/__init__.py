"""The HTTP kit: what the API and the pages of citizens and staff have in common, and all that pages need."""
