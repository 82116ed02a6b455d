"""Charts as SVG, made on the server: they need no script, and fit any width without scaling their text."""
