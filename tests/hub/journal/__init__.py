"""The journal proven: append-only, sealed, its jobs done once."""
