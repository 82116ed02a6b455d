"""The documentation: what is generated from the code, the site, and its pictures."""
