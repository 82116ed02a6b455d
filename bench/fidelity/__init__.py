"""Accuracy of Gait's time stamps, compared with the log of an independent server. `make bench-fidelity`."""
