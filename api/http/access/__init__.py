"""Who may do what: keys, rate limits, other sites, names and proxies, and what browsers may do with a page."""
