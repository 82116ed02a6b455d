"""Asking Ollama and timing its answers."""
