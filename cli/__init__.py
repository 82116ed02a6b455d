"""The command `gait`, a thin client of the API."""
