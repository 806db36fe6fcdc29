"""Promises kept: daily figures of how bodies answered and solved, public, none of which shows a person."""
