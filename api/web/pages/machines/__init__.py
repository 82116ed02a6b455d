"""The pages about machines: what each does now, and what one of them can do."""
