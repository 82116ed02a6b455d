"""Accuracy of Gait's time stamps, compared with the log of an independent server, and with Ollama's own fields."""
