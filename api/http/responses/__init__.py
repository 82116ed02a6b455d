"""Responses as they leave: JSON, errors, streams, compression."""
