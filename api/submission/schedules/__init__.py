"""Sessions that are submitted by themselves, at the times of a cron expression."""
