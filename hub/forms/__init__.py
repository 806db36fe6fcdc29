"""Forms: the versioned questions of a service, compiled once, checked on the server."""
