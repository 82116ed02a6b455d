"""Sessions as files: `GET /test-sessions/{id}/export` in every format."""
