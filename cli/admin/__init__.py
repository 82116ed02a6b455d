"""`gait admin`, which uses the database and the settings themselves."""
