"""Machines: which hosts are on one, which are here, and how a machine is told from others."""
