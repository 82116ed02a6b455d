"""Client of Gait's API: submits a session, watches it, reads its results."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import requests
from websocket import WebSocketException, WebSocketTimeoutException, create_connection

from common.config import HASHED
from common.errors import GaitError

ANSWER_TIMEOUT_S = 30
LOOK_UP_S = 1.0

Json = dict[str, Any]


class Refused(GaitError):
    pass


class Client:
    def __init__(self, url: str, api_keys: tuple[str, ...] = ()) -> None:
        self.url = url
        """Use the first key that is not a digest.

        Raises:
            GaitError: when there are only digests.
        """
        plain = [key for key in api_keys if not key.startswith(HASHED)]
        if api_keys and not plain:
            raise GaitError("API_KEYS has only digests. Add a key itself, so that this command can use the API.")
        self.headers = {"X-API-Key": plain[0]} if plain else {}

    def is_ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=ANSWER_TIMEOUT_S).ok
        except requests.RequestException:
            return False

    def is_complete(self, host: str) -> bool:
        """Whether a worker has told what it can test, and the host's sampler what it runs on."""
        try:
            return self.is_ready() and bool(self._ask("GET", "/test-types")["testTypes"] and self.hardware(host))
        except Refused:
            return False

    def hardware(self, host: str) -> Json:
        return self._ask("GET", f"/hardware?host={host}")

    def models(self) -> list[Json]:
        return list(self._ask("GET", "/models")["models"])

    def submit(self, body: Json) -> str:
        """Submit a session and return its id."""
        return str(self._ask("POST", "/test-sessions", body)["sessionId"])

    def session(self, session_id: str) -> Json:
        return self._ask("GET", f"/test-sessions/{session_id}")

    def cancel(self, session_id: str) -> None:
        self._ask("POST", f"/test-sessions/{session_id}/cancel")

    def watch(self, session_id: str, between: Callable[[], None]) -> Iterator[Json]:
        """Yield every progress message of the session until it ends. Call `between` when none came for a second."""
        url = f"ws{self.url.removeprefix('http')}/ws/test-progress?sessionId={session_id}"
        status = "running"
        try:
            with contextlib.closing(create_connection(url, timeout=LOOK_UP_S, header=self.headers)) as channel:
                while status == "running":
                    try:
                        received = channel.recv()
                    except WebSocketTimeoutException:
                        between()
                        continue
                    if not received:  # a close frame
                        raise Refused(
                            "Gait stopped while the session was running. The session continues when Gait starts again."
                        )
                    message = json.loads(received)
                    yield message
                    status = message["session"]["status"]
        except (WebSocketException, OSError) as error:
            between()
            raise Refused(f"The connection to Gait's progress messages was lost: {error}") from error

    def _ask(self, method: str, path: str, body: Json | None = None) -> Json:
        url = f"{self.url}/api/v1{path}"
        try:
            answer = requests.request(method, url, json=body, headers=self.headers, timeout=ANSWER_TIMEOUT_S)
        except requests.RequestException as error:
            raise Refused(f"Gait did not answer at {url}: {error}") from error
        if not answer.ok:
            raise Refused(f"{method} {path} failed with {answer.status_code}: {answer.text}")
        answered: Json = answer.json() if answer.content else {}
        return answered
