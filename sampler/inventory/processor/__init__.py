"""The CPU, and the names of its cores."""
