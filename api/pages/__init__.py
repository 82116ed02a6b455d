"""The pages: HTML made here, whole and readable as it is; scripts add what is live, and the charts."""

from api.pages import compare, history, live, machines, new_session, session, sessions
from api.pages.frame import register

__all__ = ["compare", "history", "live", "machines", "new_session", "register", "session", "sessions"]
