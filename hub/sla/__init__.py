"""Service levels: the clocks that run on cases and tickets, and the promises they are held to."""
