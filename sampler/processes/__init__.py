"""The processes of each host: Ollama's, and the busiest others."""
