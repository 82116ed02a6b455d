"""The addresses of the servers that Gait uses: the Ollama servers under test, the database and Redis."""
