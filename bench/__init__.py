"""Benchmarks of Gait itself on this machine, as `make bench` runs them."""
