"""A computed Ollama and its machine, which the worker's own code measures in a moment."""
