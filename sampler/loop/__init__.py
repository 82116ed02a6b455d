"""The sampler's loop: on time, with priority, and only one for each host."""
