"""Limit of open WebSockets in this process."""

from flask import current_app
from werkzeug.exceptions import ServiceUnavailable

from api.http.settings import settings
from api.live.hubs import hubs_of
from api.live.websocket import handshake

RETRY_AFTER_S = 10


def check_websockets() -> None:
    """Refuse a WebSocket beyond MAX_WEBSOCKETS with 503. Handshakes in progress are not counted yet."""
    if not handshake.is_for_websocket():
        return
    limit = settings().max_websockets
    if sum(hub.clients for hub in hubs_of(current_app)) >= limit:
        message = f"{limit} WebSockets are open, which is the limit. Try again later, or raise MAX_WEBSOCKETS."
        raise ServiceUnavailable(message, retry_after=RETRY_AFTER_S)
