"""What Gait survives: faults on its real parts, at random moments, and what is left afterwards. `make torture`."""
