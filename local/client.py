"""A client of Gait's API: submits a session, watches it and reads its results."""

import contextlib
import json
import os
from collections.abc import Callable, Iterator

import requests
from websocket import WebSocketException, WebSocketTimeoutException, create_connection

from common.environment.api_keys import HASH_PREFIX, written_keys
from common.environment.variables import Environment
from common.errors import GaitError
from common.free_json import Json

TIMEOUT_S = 30
RECEIVE_TIMEOUT_S = 1.0


class ApiError(GaitError):
    """A request that Gait refused or did not answer."""


def configured_keys() -> tuple[str, ...]:
    """Return the API's keys as the environment and its file have them."""
    return written_keys(Environment(os.environ), "API_KEYS")


class Client:
    """A client that uses the first of the keys that is not a digest.

    Raises:
        GaitError: if all keys are digests.
    """

    def __init__(self, url: str, api_keys: tuple[str, ...] = ()) -> None:
        self.url = url
        plain = [key for key in api_keys if not key.startswith(HASH_PREFIX)]
        if api_keys and not plain:
            raise GaitError("The API cannot be called: API_KEYS holds only digests. Add a key itself to API_KEYS.")
        self.headers = {"X-API-Key": plain[0]} if plain else {}
        self._http = requests.Session()
        self._http.trust_env = False  # a proxy of the environment does not lead to this machine

    def is_ready(self) -> bool:
        try:
            return self._http.get(f"{self.url}/readyz", timeout=TIMEOUT_S).ok
        except requests.RequestException:
            return False

    def is_complete(self, host: str) -> bool:
        """Return True if the API answers and the host's sampler has reported its hardware."""
        return self.problem(host) is None

    def problem(self, host: str) -> str | None:
        """Return why a session on the host cannot be measured yet and what to do, None if it can."""
        try:
            ready = self._http.get(f"{self.url}/readyz", timeout=TIMEOUT_S)
            if not ready.ok:
                return str(ready.json()["message"])
            self.hardware(host)
        except requests.RequestException:
            return f"The API does not respond at {self.url}."
        except ApiError as error:
            return str(error)
        return None

    def hardware(self, host: str) -> Json:
        return self._call("GET", f"/hardware?host={host}")

    def models(self) -> list[Json]:
        return list(self._call("GET", "/models")["models"])

    def submit(self, body: Json) -> str:
        """Submit a session and return its id."""
        return str(self._call("POST", "/test-sessions", body)["sessionId"])

    def session(self, session_id: str) -> Json:
        return self._call("GET", f"/test-sessions/{session_id}")

    def cancel(self, session_id: str) -> None:
        self._call("POST", f"/test-sessions/{session_id}/cancel")

    def watch(self, session_id: str, idle: Callable[[], None]) -> Iterator[Json]:
        """Yield the session's progress messages until it ends, and call `idle` after each second without a message."""
        url = f"ws{self.url.removeprefix('http')}/ws/test-progress?sessionId={session_id}"
        status = "running"
        try:
            with contextlib.closing(
                create_connection(url, RECEIVE_TIMEOUT_S, header=self.headers, http_no_proxy=["*"])
            ) as channel:
                while status == "running":
                    try:
                        received = channel.recv()
                    except WebSocketTimeoutException:
                        idle()
                        continue
                    if not received:  # a close frame
                        raise ApiError("Gait stopped while the session ran. The session continues when Gait starts.")
                    message = json.loads(received)
                    yield message
                    status = message["session"]["status"]
        except (WebSocketException, OSError) as error:
            idle()
            raise ApiError(f"Gait's progress channel was interrupted: {error}") from error

    def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        url = f"{self.url}/api/v1{path}"
        try:
            response = self._http.request(method, url, json=body, headers=self.headers, timeout=TIMEOUT_S)
        except requests.RequestException as error:
            raise ApiError(f"Gait does not respond at {url}: {error}") from error
        if not response.ok:
            raise ApiError(f"{method} {path} failed with status {response.status_code}: {response.text}")
        document: Json = response.json() if response.content else {}
        return document
