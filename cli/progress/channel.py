"""The WebSocket of a session's progress."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode, urlsplit

from websocket import WebSocket, WebSocketException, WebSocketTimeoutException, create_connection

from cli.client import HERE, Client
from common.free_json import Json

HANDSHAKE_TIMEOUT_S = 10
RECEIVE_TIMEOUT_S = 1.0
SILENCE_S = 30
"""A connection without a message for so long may be dead, so it is replaced."""

NO_PROXY: dict[str, Any] = {"http_proxy_host": "unused", "http_no_proxy": ["*"]}
"""Without a host, websocket-client takes the proxy of the environment, even to this machine."""

LOST = (WebSocketException, OSError)
"""What a WebSocket raises that cannot be opened, or is lost."""


def received(client: Client, session_id: str, after: int | None, idle: Callable[[], None]) -> Iterator[Json]:
    """Yield the session's messages after the one numbered `after`, and call `idle` in each second without one.

    It ends when the server closes the connection, or sends nothing for SILENCE_S.

    Raises:
        LOST: if the WebSocket cannot be opened, or breaks.
    """
    with ExitStack() as leaving:
        socket = _opened(client, session_id, after)
        leaving.callback(socket.shutdown)  # close() would wait for an answer, and swallow a second Ctrl-C
        silence = 0.0
        while silence < SILENCE_S:
            try:
                text = socket.recv()
            except WebSocketTimeoutException:
                silence += RECEIVE_TIMEOUT_S
                idle()
                continue
            if not text:  # a close frame
                return
            silence = 0.0
            yield json.loads(text)


def _opened(client: Client, session_id: str, after: int | None) -> WebSocket:
    server = urlsplit(client.server.url)
    query = {"sessionId": session_id} | ({} if after is None else {"after": str(after)})
    url = server._replace(
        scheme="wss" if server.scheme == "https" else "ws",
        path=f"{server.path}/ws/test-progress",
        query=urlencode(query),
        netloc=server.netloc.rpartition("@")[2],
    )
    socket = create_connection(
        url.geturl(),
        HANDSHAKE_TIMEOUT_S,
        header=client.headers,
        **(NO_PROXY if server.hostname in HERE else {}),
        sslopt={"ca_certs": client.authorities},
        redirect_limit=0,  # which could take the key elsewhere
        suppress_origin=True,  # this is no browser's page
    )
    socket.settimeout(RECEIVE_TIMEOUT_S)
    return socket
