"""Metrics of Gait itself, for Prometheus."""
