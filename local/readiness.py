"""Is a stack on this machine ready? It is if its API answers, and knows the hardware of a host."""

import os
from http import HTTPStatus

import requests

from common.environment.keys.api_keys import HASH_PREFIX, written_keys
from common.environment.variables import Environment
from common.errors import ConfigurationError

TIMEOUT_S = 30


def configured_key() -> str | None:
    """Return the first of the API's keys, as the environment and its file have them, that is not a digest.

    Raises:
        ConfigurationError: if all keys are digests.
    """
    keys = written_keys(Environment(os.environ), "API_KEYS")
    plain = [key for key in keys if not key.startswith(HASH_PREFIX)]
    if keys and not plain:
        raise ConfigurationError("The API cannot be called: API_KEYS holds only digests. Add a key itself to API_KEYS.")
    return plain[0] if plain else None


class Readiness:
    """The readiness of the stack whose API is at `url`, asked with a key if it needs one."""

    def __init__(self, url: str, key: str | None = None) -> None:
        self.url = url
        self._headers = {"X-API-Key": key} if key else {}
        self._http = requests.Session()
        self._http.trust_env = False  # a proxy of the environment does not lead to this machine

    def api_is_ready(self) -> bool:
        try:
            return self._get("/readyz").ok
        except requests.RequestException:
            return False

    def is_complete(self, host: str) -> bool:
        """Return True if the API answers and the host's sampler has reported its hardware."""
        return self.problem(host) is None

    def problem(self, host: str) -> str | None:
        """Return why a session on the host cannot be measured yet and what to do, None if it can."""
        try:
            for path in ("/readyz", f"/api/v1/hardware?host={host}"):
                answer = self._get(path)
                if answer.status_code != HTTPStatus.OK:
                    return f"{path}: {answer.status_code}. {answer.json()['message']}"
        except requests.RequestException:
            return f"The API does not respond at {self.url}."
        return None

    def _get(self, path: str) -> requests.Response:
        return self._http.get(f"{self.url}{path}", headers=self._headers, timeout=TIMEOUT_S)
