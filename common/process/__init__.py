"""What every process needs at its start: logs, settings, and the death of its parent."""
