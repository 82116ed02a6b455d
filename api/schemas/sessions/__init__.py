"""Sessions: what is submitted, and what is answered."""
