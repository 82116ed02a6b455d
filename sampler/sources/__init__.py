"""The sources of readings, one file for each."""
