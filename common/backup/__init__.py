"""`python -m common.backup FILE`: a copy of a database in use."""
