"""An event sent to a service of NOTIFY_URLS by apprise: mail, Slack, ntfy and others."""

import logging
from uuid import NAMESPACE_URL, uuid5

from apprise import Apprise, AppriseAsset, NotifyType
from apprise.plugins import NotifyBase

from common.alerts.event_types import EventType
from common.environment.notifications import Notifications
from common.errors import ConfigurationError
from common.store.alerts import receivers
from common.store.alerts.tables import Event
from scheduler.notifications.sending.outcome import Outcome

SILENT = logging.CRITICAL + 1
"""apprise's own lines may quote URLs, which hold passwords."""
ASSET = AppriseAsset(app_id="Gait", app_desc="Benchmarks of Ollama models", plugin_paths=[], storage_mode="memory")
KINDS = {
    EventType.SESSION_FINISHED: NotifyType.SUCCESS,
    EventType.SESSION_FAILED: NotifyType.FAILURE,
    EventType.REGRESSION_OPENED: NotifyType.WARNING,
    EventType.REGRESSION_OVER: NotifyType.SUCCESS,
    EventType.SAMPLER_SILENT: NotifyType.WARNING,
    EventType.SAMPLER_BACK: NotifyType.SUCCESS,
}
TITLES = {
    EventType.SESSION_FINISHED: "Gait: session finished",
    EventType.SESSION_FAILED: "Gait: session failed",
    EventType.SESSION_CANCELLED: "Gait: session cancelled",
    EventType.REGRESSION_OPENED: "Gait: worse than before",
    EventType.REGRESSION_OVER: "Gait: no longer worse",
    EventType.SAMPLER_SILENT: "Gait: sampler silent",
    EventType.SAMPLER_BACK: "Gait: sampler back",
}


def register(config: Notifications) -> None:
    """Let the services of the settings be receivers."""
    receivers.set_services(map(receiver_id, config.services), list(config.events))


def check(config: Notifications) -> None:
    """Refuse a URL that apprise does not know.

    Raises:
        ConfigurationError: with its number and its service. The rest may hold a password.
    """
    for number, url in enumerate(config.services, start=1):
        if _service(url) is None:
            raise ConfigurationError(
                f"NOTIFY_URLS: URL number {number} ({_scheme(url)}://…) is not one that apprise understands. "
                "https://appriseit.com/services/ says how to write it."
            )


def receiver_id(url: str) -> str:
    """Return the id of a service's receiver, which follows from its URL and does not reveal it."""
    return str(uuid5(NAMESPACE_URL, url))


def name(receiver: str, config: Notifications) -> str:
    """Return the service's kind, such as `ntfy`, or `unknown` if it is not in the settings."""
    url = _url(receiver, config)
    return _scheme(url) if url else "unknown"


def send(receiver: str, event: Event, config: Notifications) -> Outcome:
    """Send an event, with a link if PUBLIC_URL is set."""
    url = _url(receiver, config)
    service = _service(url) if url else None
    if url is None or service is None:
        return Outcome("It is not in this scheduler's NOTIFY_URLS. All schedulers need the same.")
    text = f"{event.text}\n{config.public_url}{event.path}" if config.public_url else event.text
    event_type = EventType(event.type)
    sender = Apprise(asset=ASSET)
    sender.add(service)
    if sender.notify(body=text, title=TITLES[event_type], notify_type=KINDS.get(event_type, NotifyType.INFO)):
        return Outcome()
    return Outcome(f"The service {_scheme(url)} did not take it. Try its URL with the command apprise.")


def _url(receiver: str, config: Notifications) -> str | None:
    return next((url for url in config.services if receiver_id(url) == receiver), None)


def _service(url: str) -> NotifyBase | None:
    logging.getLogger("apprise").setLevel(SILENT)
    found: NotifyBase | None = Apprise.instantiate(url, asset=ASSET)
    return found


def _scheme(url: str) -> str:
    return url.partition("://")[0]
