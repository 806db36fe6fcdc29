"""Ready-made things for tests, one module per feature."""
