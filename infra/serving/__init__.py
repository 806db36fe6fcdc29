"""Serving the hub over HTTP: its processes, their patience with slow clients, and what is told of each request."""
