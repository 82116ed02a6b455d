"""The newest results: which they are, and what is read of them."""
