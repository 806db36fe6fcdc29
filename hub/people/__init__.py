"""Citizens and businesses, known hub-wide."""
