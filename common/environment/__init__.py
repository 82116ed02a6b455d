"""The environment variables: how each is written, and what it means."""
