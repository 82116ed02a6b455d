"""Many WebSocket clients and many submissions at once, compared with the targets. `make bench-load`."""
