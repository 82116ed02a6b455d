"""Writes of what a session measures, if it is not what was submitted."""

from common.store.claims import Claim, held
from common.store.tables import Session


def adopt_version(claim: Claim, ollama_version: str) -> None:
    """Store the version of Ollama that is measured, if it is not the one at the submission."""
    with held(claim):
        Session.update(ollama_version=ollama_version).where(Session.id == claim.session_id).execute()


def adopt_model(claim: Claim, name: str, digest: str, version: str, size: int | None) -> None:
    """Store a model as it is measured, if it is not the one that was submitted."""
    with held(claim):
        session = Session.get_by_id(claim.session_id)
        measured = {"digest": digest, "version": version, "size": size}
        session.models = [{**own, **measured} if own["name"] == name else own for own in session.models]
        session.save(only=[Session.models])
