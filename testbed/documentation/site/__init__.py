"""The documentation site: how it is built, and what is checked of it."""
