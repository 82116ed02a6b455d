"""Sessions that belong together with one: on other machines in the same night, and the one before it."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.web.pages.layout import resource
from common.store.reads import siblings
from common.store.tables import Session


@dataclass(frozen=True)
class Siblings:
    """The session of each other machine, and the one before on its own machine."""

    elsewhere: Sequence[Session]
    before: Session | None


@resource.app_template_global()
def siblings_of(session: Session) -> Siblings:
    """Return the siblings of a session."""
    return Siblings(*siblings.elsewhere_and_before(session))
