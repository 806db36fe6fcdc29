"""Oversight: figures about the work of all bodies, the same for each, none of which shows a person."""
