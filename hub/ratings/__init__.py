"""What citizens think of how their ticket was dealt with."""
