"""Time of every list, filter, search, history, comparison and page in a database of a million results."""
