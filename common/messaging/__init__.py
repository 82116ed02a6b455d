"""Redis: the queue, streams, channels and events."""
