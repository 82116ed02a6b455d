"""What a session is called where it is named: its name, or else what it measures."""

from api.pages.frame import resource
from common.models import Session

FEW = 3
"""So many test types or models are named; more are counted."""


@resource.app_template_filter()
def called(session: Session) -> str:
    """`nightly`, or `decode, ttft: llama3.2:3b`; the models alone where the session was read without its test types."""
    types, models = _few(session.test_types or [], "test types"), _few(_models(session), "models")
    return session.name or ": ".join(filter(None, (types, models)))


def _models(session: Session) -> list[str]:
    return [model["name"].removesuffix(":latest") for model in session.models]


def _few(names: list[str], word: str) -> str:
    return ", ".join(names) if len(names) <= FEW else f"{len(names)} {word}"
