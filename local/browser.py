"""The browser of the person at this machine."""

import os
import sys
import webbrowser

WINDOWS = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")
"""The variables that stand for a browser with a window. One in the terminal would take that over."""


def open_page(url: str) -> bool:
    """Open a page, and return whether there is a browser for it."""
    has_window = sys.platform == "darwin" or any(os.environ.get(name) for name in WINDOWS)
    return has_window and webbrowser.open(url)
