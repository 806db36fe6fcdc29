"""The service itself: a package per word of the domain."""
