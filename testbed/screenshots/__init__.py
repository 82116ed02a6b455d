"""Pictures of pages and of the terminal, for the documents and to look at."""
