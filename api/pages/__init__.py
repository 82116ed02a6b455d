"""The pages: HTML made here, whole and readable as it is; scripts add what is live, and the charts."""

from api.pages import compare, history, live, machines, new_session, session, sessions, titles
from api.pages.frame import compile_templates, register

__all__ = [
    "compare",
    "compile_templates",
    "history",
    "live",
    "machines",
    "new_session",
    "register",
    "session",
    "sessions",
    "titles",
]
