"""Writes of what a session is measured on and with: its machine, its server and its models."""

from common.free_json import Json
from common.store import inventories
from common.store.claims import Claim, held
from common.store.tables import Hardware, Phase, Run, Session, SessionText, Test


def describe_machine(claim: Claim, inventory: Json | None, ollama_version: str | None) -> None:
    """Store the machine and the Ollama version of a session. None is unknown.

    The first known version stays. The inventory replaces that of the submission until there is a run.
    """
    with held(claim):
        session = Session.get_by_id(claim.session_id)
        session.phase = Phase.MEASURING
        session.ollama_version = session.ollama_version or ollama_version
        if inventory is not None and not (session.hardware and _has_runs(session)):
            machine = session.hardware = inventories.save(inventory)
            _add_to_text(session, machine)
            Test.update(inventory=machine.digest).where(Test.session == session).execute()
        session.save()


def _add_to_text(session: Session, machine: Hardware) -> None:
    """Let searches find the session by its hardware too."""
    stored = SessionText.get(SessionText.session == session)
    found = inventories.searchable(machine)
    if found not in stored.text:
        SessionText.update(text=f"{stored.text} {found}").where(SessionText.id == stored.id).execute()


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
