"""What all of Gait's processes share; imports none of them."""
