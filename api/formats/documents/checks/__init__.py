"""Checks of a document from elsewhere: its types, its parts, and that they agree."""
