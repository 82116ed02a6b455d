"""The settings of notifications: the operator's services, where webhooks may go, and Gait's own address for links."""

import re
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

import marshmallow
from marshmallow import Schema, ValidationError

from common.alerts.event_types import SUBSCRIBABLE, EventType
from common.alerts.forbidden_addresses import Network
from common.environment.servers.addresses import clean

URL = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
BETWEEN_URLS = re.compile(r"\s+|,\s*(?=[a-z][a-z0-9+.-]*://)", re.IGNORECASE)


@dataclass(frozen=True)
class Notifications:
    """`services` are URLs for apprise, which may hold passwords, and `events` those that they are sent.

    `networks` are those that webhooks may reach beside public and private addresses. `public_url` is where people find
    Gait's pages, without a slash at its end.
    """

    services: tuple[str, ...] = field(repr=False, default=())
    events: tuple[EventType, ...] = SUBSCRIBABLE
    networks: tuple[Network, ...] = ()
    public_url: str | None = None


NAMES = tuple(each.name for each in fields(Notifications))


class _Services(marshmallow.fields.Field[tuple[str, ...]]):
    def _deserialize(self, value: str, *_: Any, **__: Any) -> tuple[str, ...]:  # noqa: ANN401 - as in marshmallow
        lines = "\n".join(line for line in value.splitlines() if not line.lstrip().startswith("#"))
        urls = tuple(url.rstrip(",") for each in BETWEEN_URLS.split(lines) if (url := clean(each)))
        if not all(map(URL.fullmatch, urls)):  # the message must not quote a password
            raise ValidationError("One of the URLs is not one. Write SERVICE://…, separated by blanks or line breaks.")
        return tuple(dict.fromkeys(urls))


class _Events(marshmallow.fields.Field[tuple[EventType, ...]]):
    def _deserialize(self, value: str, *_: Any, **__: Any) -> tuple[EventType, ...]:  # noqa: ANN401 - as in marshmallow
        names = set(re.split(r"[,\s]+", value)) - {""}
        if unknown := sorted(names.difference(SUBSCRIBABLE)):
            raise ValidationError(f"{unknown[0]} is not an event. Events: {', '.join(SUBSCRIBABLE)}.")
        return tuple(each for each in SUBSCRIBABLE if each in names)


class _Networks(marshmallow.fields.Field[tuple[Network, ...]]):
    def _deserialize(self, value: str, *_: Any, **__: Any) -> tuple[Network, ...]:  # noqa: ANN401 - as in marshmallow
        try:
            return tuple(ip_network(each, strict=False) for each in re.split(r"[,\s]+", value) if each)
        except ValueError as error:
            raise ValidationError(f"{error}. Write addresses and networks, such as 127.0.0.1,::1.") from error


class _PublicUrl(marshmallow.fields.Field[str]):
    def _deserialize(self, value: str, *_: Any, **__: Any) -> str:  # noqa: ANN401 - as in marshmallow
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValidationError("This is not the address of pages. Write it as https://gait.example or with a path.")
        return value.rstrip("/")


class NotificationVariables(Schema):
    """The variables of these settings."""

    services = _Services(data_key="NOTIFY_URLS", load_default=())
    events = _Events(data_key="NOTIFY_EVENTS", load_default=SUBSCRIBABLE)
    networks = _Networks(data_key="WEBHOOK_NETWORKS", load_default=())
    public_url = _PublicUrl(data_key="PUBLIC_URL", load_default=None)
