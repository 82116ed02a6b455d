"""Choice of columns by their keys: SESSION for all models of a session, SESSION/MODEL for one."""

from collections.abc import Sequence

from api.conclusions.comparisons.columns import Column, columns_of, key
from api.http.responses.errors import or_404
from common.store.earlier import samples
from common.store.tables import Session
from common.values.units import model_name


def chosen(keys: Sequence[str]) -> tuple[list[Column], int]:
    """Return the columns with these keys in their order, and the number of those for which no letter is left.

    A session or a model that does not exist ends the request with 404.
    """
    asked = [_parsed(one) for one in dict.fromkeys(keys)]
    ids = list(dict.fromkeys(session for session, _ in asked))
    found = {session.id: session for session in samples.sessions(ids)}
    pairs = [pair for session, model in asked for pair in _models(or_404(found.get(session), session), model)]
    wanted = list(dict.fromkeys(pairs))
    shown = columns_of(wanted, found.values(), samples.samples(ids))
    return shown, len(wanted) - len(shown)


def _parsed(text: str) -> tuple[str, str | None]:
    session, _, model = text.partition("/")
    return session.strip().lower(), model_name(model) if model else None


def _models(session: Session, model: str | None) -> list[str]:
    """Return the keys of the session's models, or that of one of them."""
    names = [known["name"] for known in session.models]
    if model is None:
        return [key(session.id, name) for name in names]
    return [key(session.id, or_404(model if model in names else None, f"{session.id} with the model {model}"))]
