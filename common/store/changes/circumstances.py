"""Writes of what a session is measured on and with: its machine, its server and its models."""

from common.store.changes import inventories, searchable
from common.store.changes.claims import Claim, held
from common.store.tables import Phase, Run, Session, Test
from common.values.free_json import Json


def describe_machine(claim: Claim, inventory: Json | None, ollama_version: str | None) -> None:
    """Store the machine and the Ollama version of a session. None is unknown.

    The first known version stays. The inventory replaces that of the submission until there is a run.
    """
    with held(claim):
        session = Session.get_by_id(claim.session_id)
        session.phase = Phase.MEASURING
        session.ollama_version = session.ollama_version or ollama_version
        session.save(only=[Session.phase, Session.ollama_version])
        if inventory is not None and not (session.hardware and _has_runs(session)):
            session.hardware = inventories.save(inventory)
            session.save(only=[Session.hardware])
            searchable.renew(session)
            Test.update(inventory=session.hardware.digest).where(Test.session == session).execute()


def _has_runs(session: Session) -> bool:
    return bool(Run.select().join(Test).where(Test.session == session).exists())


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
