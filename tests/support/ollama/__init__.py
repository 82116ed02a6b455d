"""Answers and faults of an Ollama, and what runs on it."""
