"""The API's documents for people at a terminal."""
