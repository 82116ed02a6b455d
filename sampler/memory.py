"""RAM and swap. Source: psutil."""

import psutil

from sampler.readings import Memory


def read_memory() -> Memory:
    ram = psutil.virtual_memory()
    return Memory(total=ram.total, used=ram.used, available=ram.available, swap_used=psutil.swap_memory().used)
