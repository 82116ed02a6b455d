"""The codec of stored readings."""
