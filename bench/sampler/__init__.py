"""Cost and punctuality of the sampler, next to other recorders. `make bench-sampler`."""
