"""An event sent to a webhook."""

import time
from http import HTTPStatus

import orjson
import requests
from requests import Response

from common.alerts.forbidden_addresses import Network
from common.ollama.client import session
from common.process.failures import causes
from common.store.alerts.tables import Event, Receiver
from common.values.free_json import Json
from common.values.storable import storable
from common.values.units import iso
from scheduler.notifications.sending.guarded_transport import ForbiddenAddress, GuardedAdapter
from scheduler.notifications.sending.outcome import Outcome
from scheduler.notifications.sending.signature import HEADER, signature

AGENT = "Gait-Webhook/1"
OK = range(200, 300)
REDIRECTS = range(300, 400)


def body(event: Event, public_url: str | None) -> bytes:
    """Return what is sent. The same event always has the same id."""
    sent: Json = {
        "id": event.uid,
        "type": event.type,
        "at": iso(event.at),
        "text": event.text,
        "link": public_url and public_url + event.path,
        "data": event.data,
    }
    return orjson.dumps(storable(sent))


def send(receiver: Receiver, event: Event, allowed: tuple[Network, ...], public_url: str | None) -> Outcome:
    """Send an event. The answer's body is not read, and redirects are not followed."""
    sent = body(event, public_url)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "X-Gait-Event": event.type,
        "X-Gait-Event-Id": event.uid,
        HEADER: signature(str(receiver.secret), sent, int(time.time())),
    }
    try:
        with (
            session(GuardedAdapter(allowed), None) as http,
            http.post(str(receiver.url), data=sent, headers=headers, allow_redirects=False, stream=True) as answer,
        ):
            return _outcome(answer)
    except ForbiddenAddress as error:
        return Outcome(str(error))
    except requests.RequestException as error:
        return Outcome(_problem(error))


def _outcome(answer: Response) -> Outcome:
    status = answer.status_code
    if status in OK:
        return Outcome(status=status)
    if status in REDIRECTS:
        return Outcome(f"It answered {status}, and redirects are not followed. Set the URL to which it leads.", status)
    return Outcome(f"It answered {status} {_name(status)}".rstrip() + ".", status)


def _name(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""


def _problem(error: requests.RequestException) -> str:
    """Return why there was no answer. The messages of requests quote the URL, which may hold a token."""
    if isinstance(error, requests.exceptions.SSLError):
        return "Its certificate is not trusted, or it does not speak TLS."
    if isinstance(error, requests.Timeout):
        return "It did not answer in time."
    reason = next((each.strerror for each in causes(error) if isinstance(each, OSError) and each.strerror), None)
    return f"There was no answer: {reason}." if reason else "There was no answer."
