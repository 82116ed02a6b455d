"""What is read from the machine, one file a source."""
