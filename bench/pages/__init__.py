"""Speed of large pages, on the server and in a real Chromium. `make bench-pages`."""
