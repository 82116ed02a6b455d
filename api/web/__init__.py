"""The web pages with their templates, styles and scripts."""
