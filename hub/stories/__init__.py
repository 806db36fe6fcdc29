"""What people read of a case: one telling for the staff of a body, another for the citizen, nothing shared."""
