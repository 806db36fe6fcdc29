"""Pages in tests: everything that is fetched is checked, in the text and in a real browser."""
