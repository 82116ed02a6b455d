"""Values as they are written: units, JSON and text of others, times of a cron expression, whole files."""
