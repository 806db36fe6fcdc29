"""The service finder: a citizen types what is wrong, and it answers who sees to that, best first."""
