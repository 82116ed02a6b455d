"""RQ's jobs, one for each session, and their queue."""
