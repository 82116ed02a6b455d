"""Changes of what is stored: what workers write, what people add and remove, what is imported."""
