"""The two WebSocket endpoints: test progress and readings."""
