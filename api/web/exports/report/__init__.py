"""A session as one HTML file that needs neither scripts nor network, with charts as SVG."""
