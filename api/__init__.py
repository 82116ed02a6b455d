"""The HTTP API, its WebSockets and its pages."""
