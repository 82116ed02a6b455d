"""The command lines of the documents."""
