"""Sessions and results as files: whole sessions as JSON documents, and tables of runs and results."""
