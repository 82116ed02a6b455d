"""Attempts to send an event: to a webhook or a service, signed, and to allowed addresses only."""
