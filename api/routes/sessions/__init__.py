"""Sessions: to submit, read, change, export and import them, and what they recorded."""
