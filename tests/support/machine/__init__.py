"""Machines without their hardware: files of the kernel, drivers, readings."""
