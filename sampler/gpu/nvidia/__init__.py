"""NVIDIA's GPUs, through the library of its driver."""
