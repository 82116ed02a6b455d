"""The HTTP client of Ollama that API and worker share."""
