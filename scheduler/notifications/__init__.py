"""Notifications: events as texts and data, and their deliveries to webhooks and services."""
