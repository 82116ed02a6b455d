"""The REST resources, one file for each."""
