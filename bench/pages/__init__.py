"""How quick the pages are with much to show: on the server, and in a real Chromium."""
