"""Code that at least two of Gait's processes share. It imports none of them."""
