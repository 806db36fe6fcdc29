"""Cases and tickets: the citizen's story, each tenant's piece of work on it, and the moves between."""
