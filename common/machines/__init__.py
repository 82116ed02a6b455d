"""Machines: which hosts are on one, which are here, and what identifies a machine."""
