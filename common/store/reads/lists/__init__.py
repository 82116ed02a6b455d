"""Lists of sessions and of results: a page of what matches a filter, and the number of all that match."""
