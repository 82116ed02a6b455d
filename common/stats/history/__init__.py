"""What lasts in a history of sessions: steps and slow drifts of a metric, each with its size and interval."""
