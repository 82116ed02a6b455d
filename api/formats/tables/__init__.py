"""Results as tables, which are sent as CSV."""
