"""The page of one session, while it runs and afterwards."""
