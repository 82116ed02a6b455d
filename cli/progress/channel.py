"""The WebSocket of a session's progress."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from ssl import SSLSocket
from typing import Any
from urllib.parse import urlencode, urlsplit

from websocket import WebSocket, WebSocketException, WebSocketTimeoutException, create_connection

from cli.progress.ctrl_c import Wait
from cli.server.client import HERE, Client
from common.values.free_json import Json

HANDSHAKE_TIMEOUT_S = 10
RECEIVE_TIMEOUT_S = 1.0
SILENCE_S = 30
"""After this time without a message, a connection may be dead, so it is replaced."""

NO_PROXY: dict[str, Any] = {"http_proxy_host": "unused", "http_no_proxy": ["*"]}
"""Without a host, websocket-client takes the proxy of the environment, even to this machine."""

LOST = (WebSocketException, OSError)
"""What a WebSocket raises that cannot be opened, or is lost."""


def received(client: Client, session_id: str, after: int | None, wait: Wait) -> Iterator[Json]:
    """Yield the session's messages after the one numbered `after`, and call `wait` before each.

    It ends when the server closes the connection, or sends nothing for SILENCE_S.

    Raises:
        LOST: if the WebSocket cannot be opened, or breaks.
    """
    with ExitStack() as leaving:
        socket = _opened(client, session_id, after)
        leaving.callback(socket.shutdown)  # close() would wait for an answer
        silence = 0.0
        while silence < SILENCE_S:
            try:
                text = socket.recv() if _is_readable(socket, wait) else None
            except WebSocketTimeoutException:  # it was a ping, or part of a message
                text = None
            if text is None:
                silence += RECEIVE_TIMEOUT_S
                continue
            if not text:  # a close frame
                return
            silence = 0.0
            yield json.loads(text)


def _is_readable(socket: WebSocket, wait: Wait) -> bool:
    """Wait for something to read. TLS may hold what has left the connection already."""
    decrypted = isinstance(socket.sock, SSLSocket) and socket.sock.pending()
    return bool(decrypted) or wait(RECEIVE_TIMEOUT_S, socket.sock)


def _opened(client: Client, session_id: str, after: int | None) -> WebSocket:
    server = urlsplit(client.server.shown)
    query = {"sessionId": session_id} | ({} if after is None else {"after": str(after)})
    url = server._replace(
        scheme="wss" if server.scheme == "https" else "ws",
        path=f"{server.path}/ws/test-progress",
        query=urlencode(query),
    )
    socket = create_connection(
        url.geturl(),
        HANDSHAKE_TIMEOUT_S,
        header=client.headers,
        **(NO_PROXY if server.hostname in HERE else {}),
        sslopt={"ca_certs": client.authorities},
        redirect_limit=0,  # which could take the key elsewhere
        suppress_origin=True,  # this is not a page in a browser
    )
    socket.settimeout(RECEIVE_TIMEOUT_S)
    return socket
