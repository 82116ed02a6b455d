"""Sockets and kernel time stamps."""
