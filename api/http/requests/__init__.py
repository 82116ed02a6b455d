"""Requests as they arrive: their queries and bodies, and those that are not valid HTTP."""
