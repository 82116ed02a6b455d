"""Real servers and processes for tests and benches: the API, workers, databases, Redis and proxies."""
