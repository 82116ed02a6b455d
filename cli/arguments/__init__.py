"""Arguments that the server knows: names of sessions, and what a shell proposes."""
