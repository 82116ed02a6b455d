"""The newest result of each model on each host: ranked, and as columns to compare machines."""
