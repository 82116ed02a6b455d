"""The process that measures: it takes sessions from the queue and drives Ollama."""
