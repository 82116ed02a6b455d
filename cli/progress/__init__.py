"""A running session: its messages, however they can be had, and how they are shown."""
