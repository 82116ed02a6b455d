"""An Ollama server and a model for machines that have none."""
