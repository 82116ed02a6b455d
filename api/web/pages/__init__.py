"""The pages: HTML made here, whole and readable as it is; scripts add what is live, and the charts."""

from api.web.pages import new_session
from api.web.pages.comparison import page as comparison_page
from api.web.pages.history import page as history_page
from api.web.pages.home import changes, fastest, quick_look
from api.web.pages.home import machines as machine_strip
from api.web.pages.home import page as home_page
from api.web.pages.layout import compile_templates, register
from api.web.pages.machines import one_machine as machine_page
from api.web.pages.machines import page as machines_page
from api.web.pages.models import one_model as model_page
from api.web.pages.models import page as models_page
from api.web.pages.presentation import titles
from api.web.pages.session import downloads, live, repeat, siblings
from api.web.pages.session import page as session_page
from api.web.pages.session.trust import machine_now as trust_now

__all__ = [
    "changes",
    "comparison_page",
    "compile_templates",
    "downloads",
    "fastest",
    "history_page",
    "home_page",
    "live",
    "machine_page",
    "machine_strip",
    "machines_page",
    "model_page",
    "models_page",
    "new_session",
    "quick_look",
    "register",
    "repeat",
    "session_page",
    "siblings",
    "titles",
    "trust_now",
]
