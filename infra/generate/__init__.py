"""A large hub made up: bodies, and as many cases of theirs as somebody wants to measure with."""
