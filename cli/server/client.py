"""A thin client of Gait's API."""

import contextlib
import secrets
from collections.abc import Iterator
from typing import IO, Any
from urllib.parse import urlsplit

import requests
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_auth_from_url

from cli.errors import ServerUnavailable
from cli.server.answers import check, document, unanswered
from cli.server.configuration import API, Connection
from common.values.free_json import Json

CONNECT_TIMEOUT_S = 10
ANSWER_TIMEOUT_S = 60
UPLOAD_TIMEOUT_S = 600
CHUNK_BYTES = 1 << 16
PAGE = 100
"""Entries in one answer: the maximum of the list of sessions."""
HERE = ("localhost", "127.0.0.1", "::1")


class Client:
    """A client of one server. Its methods raise what cli/server/answers.py says."""

    def __init__(self, server: Connection) -> None:
        self.server = server
        # http.client writes text in Latin-1, and the API reads UTF-8.
        self.headers = {"X-API-Key": server.key.encode().decode("latin-1")} if server.key else {}
        self._http = requests.Session()
        # A connection that was idle for a moment may be closed just when it is used again.
        self._http.headers["Connection"] = "close"
        self._http.auth = _authentication(server.url)
        host = urlsplit(server.url).hostname
        self._proxies = {"no_proxy": host} if host in HERE else {}  # no proxy leads to this machine

    @property
    def authorities(self) -> str:
        """The file of the authorities whose certificates are trusted."""
        settings = self._http.merge_environment_settings(self.server.url, {}, stream=None, verify=None, cert=None)
        return DEFAULT_CA_BUNDLE_PATH if settings["verify"] is True else str(settings["verify"])

    def get(self, path: str, **parameters: object) -> Json:
        return self._call("GET", path, params=parameters)

    def listed(self, path: str, name: str, **parameters: object) -> Iterator[Json]:
        """Yield all entries of the list that the answers have under `name`, from one page after the other."""
        page, total = 1, 1
        while (page - 1) * PAGE < total:
            answer = self.get(path, page=page, limit=PAGE, **parameters)
            yield from answer[name]
            page, total = page + 1, answer["total"]

    def post(self, path: str, body: object = None, **headers: str) -> Json:
        return self._call("POST", path, json=body, headers=headers)

    def patch(self, path: str, body: object) -> Json:
        return self._call("PATCH", path, json=body)

    def delete(self, path: str) -> Json:
        return self._call("DELETE", path)

    def upload(self, path: str, file: IO[bytes]) -> Json:
        """Post a file of JSON as it is."""
        timeout = (CONNECT_TIMEOUT_S, UPLOAD_TIMEOUT_S)
        return self._call("POST", path, data=file, headers={"Content-Type": "application/json"}, timeout=timeout)

    def download(self, path: str, **parameters: object) -> Iterator[bytes]:
        """Yield the answer's bytes as they come."""
        with self._answered(), contextlib.closing(self._send("GET", path, params=parameters, stream=True)) as response:
            check(response, self.server)
            yield from response.iter_content(CHUNK_BYTES)

    def post_once(self, path: str, body: object = None) -> Json:
        """Post, and again if there was no answer: the same key stores the same thing."""
        headers = {"Idempotency-Key": secrets.token_hex()}
        try:
            return self.post(path, body, **headers)
        except ServerUnavailable:
            return self.post(path, body, **headers)

    def submit(self, body: Json) -> Json:
        """Submit a session."""
        return self.post_once("/test-sessions", body)

    def submit_one(self, body: Json) -> str:
        """Submit a session and return its id, or the id of the first of several."""
        return str(self.submit(body)["sessionId"])

    def session(self, session_id: str) -> Json:
        return self.get(f"/test-sessions/{session_id}")

    def cancel(self, session_id: str) -> Json:
        return self.post(f"/test-sessions/{session_id}/cancel")

    def _call(self, method: str, path: str, **options: Any) -> Json:  # noqa: ANN401 - requests' own
        with self._answered():
            response = self._send(method, path, **options)
        return document(response, self.server)

    def _send(self, method: str, path: str, **options: Any) -> requests.Response:  # noqa: ANN401 - requests' own
        headers = {**self.headers, **options.pop("headers", {})}
        options = {"timeout": (CONNECT_TIMEOUT_S, ANSWER_TIMEOUT_S), "proxies": self._proxies, **options}
        options["headers"] = headers
        url = f"{self.server.url}{API}{path}"
        return self._http.request(method, url, allow_redirects=False, **options)  # which could take the key elsewhere

    @contextlib.contextmanager
    def _answered(self) -> Iterator[None]:
        try:
            yield
        except requests.RequestException as error:
            raise unanswered(error, self.server) from error


def _authentication(url: str) -> Any:  # noqa: ANN401 - requests' own
    """Return the name and password in the URL, for a proxy in front of Gait, or else what keeps ~/.netrc out."""
    user, password = get_auth_from_url(url)
    return (user, password) if user else lambda request: request
