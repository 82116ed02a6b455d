"""Faults in Gait's real parts at random moments, and what is left afterwards. `make fault-injection`."""
