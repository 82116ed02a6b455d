"""The two WebSocket endpoints: progress of sessions, and readings of machines."""
