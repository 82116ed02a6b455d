"""The conditions of `--fail-on`."""
