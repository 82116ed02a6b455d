"""The top of a session's page: the models ranked, the answers to all questions, and two charts."""
