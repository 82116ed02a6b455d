"""What test types are made of."""
