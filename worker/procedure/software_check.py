"""Check that a session measures one model on one server, from its submission to its end."""

from dataclasses import dataclass, field

from common.errors import OllamaError, TestFailure
from common.ollama.client import Ollama
from common.ollama.engine import engine_of
from common.ollama.models import InstalledModel, named
from common.records.runs import SoftwareRecord
from common.store.changes import circumstances
from common.store.reads import runs
from common.store.tables import Session
from worker.machine.server_settings import server_settings
from worker.ollama.client import Driver
from worker.procedure.progress import TestProgress
from worker.verdicts import software
from worker.workload.retry import retry


@dataclass
class SoftwareCheck:
    """The model's digest, Ollama's version and its settings while a test is measured.

    `current` is what the last check found. It is part of each run's record.
    """

    driver: Driver
    progress: TestProgress
    current: SoftwareRecord = field(init=False)

    def begin(self) -> None:
        """Compare with the submission and with the session's first runs, by whichever worker.

        What changed before the first run is measured as it is now.

        Raises:
            TestFailure: if the session has runs of the model with another digest.
        """
        test = self.progress.test
        model = self._read()
        session = Session.get_by_id(test.session_id)
        self._compare_digest(runs.first_software(session.id, test.model))
        if model:
            self._compare_submission(session, model)
        first = runs.first_software(session.id)
        self._compare_server(first or {"digest": None, "ollamaVersion": session.ollama_version, "settings": None})
        if first is None and self.current["ollamaVersion"]:
            circumstances.adopt_version(self.progress.claim, self.current["ollamaVersion"])

    def _compare_submission(self, session: Session, model: InstalledModel) -> None:
        test = self.progress.test
        submitted = next((own.get("digest") for own in session.models if own["name"] == test.model), None)
        if submitted and submitted != model.digest:
            self.progress.flag(software.model_changed(submitted, model.digest))
            circumstances.adopt_model(self.progress.claim, test.model, model.digest, model.version, model.size)

    def verify(self) -> None:
        """Compare with the last check.

        Raises:
            TestFailure: if the model has another digest now.
        """
        before = self.current
        try:
            self._read()
        except OllamaError as error:  # the runs that were stored stay valid
            self.progress.log(f"the model and the server were not checked again: {error}")
            return
        self._compare_digest(before)
        self._compare_server(before)

    def _read(self) -> InstalledModel | None:
        server, log = self.driver.server, self.progress.log
        installed = retry(server.models, log)
        model = named(installed, self.progress.test.model)
        version = known_version(server)
        self.driver.engines = {own.name: engine_of(own.details.get("format"), version) for own in installed}
        self.current = {
            "digest": model.digest if model else None,
            "ollamaVersion": version,
            "engine": self.driver.engines[model.name] if model else None,
            "settings": server_settings(server.url),
        }
        return model

    def _compare_digest(self, before: SoftwareRecord | None) -> None:
        old, new = before and before["digest"], self.current["digest"]
        if old and new and old != new:
            raise TestFailure(
                f"{self.progress.test.model} was pulled or created again while the session ran: its digest was "
                f"{old[: software.SHORT_DIGEST]} and is {new[: software.SHORT_DIGEST]}. Run the session again."
            )

    def _compare_server(self, before: SoftwareRecord) -> None:
        verdict = software.server_changed(before, self.current)
        if verdict:
            self.progress.flag(verdict)


def known_version(server: Ollama) -> str | None:
    """Return Ollama's version, None if the server does not report it."""
    try:
        return server.version()
    except OllamaError:
        return None
