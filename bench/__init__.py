"""What `make bench` prints: how good Gait's own measuring is, on this machine, now."""
