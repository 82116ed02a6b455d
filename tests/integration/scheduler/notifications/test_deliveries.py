"""Events are delivered to real HTTP servers: signed, in their order, at least once, and nowhere else."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from redis import Redis

from common.alerts.event_types import EventType
from common.environment.timeouts import TimeLimits
from common.store.alerts import deliveries, receivers
from common.store.alerts.outbox import NewEvent, publish
from common.store.alerts.tables import Delivery, DeliveryState, Event, Receiver
from common.values.units import now
from scheduler.notifications import jobs, queue
from scheduler.notifications.delivery_worker import WORKERS, work
from scheduler.notifications.queue import Dispatch
from scheduler.notifications.sending import guarded_transport
from testbed import ROOT
from testbed.waiting import until
from tests.integration.scheduler.conftest import NewScheduler
from tests.integration.scheduler.http_receiver import HttpReceiver, http_receiver

SECRET = "s3cret-of-sixteen"


@pytest.fixture
def app(new_scheduler: NewScheduler) -> Iterator[Flask]:
    made = new_scheduler()
    with made.app_context():
        yield made


def webhook(url: str, **values: Any) -> Receiver:
    added = receivers.add(receivers.NewWebhook(url, SECRET, [*EventType], **values))
    assert added
    return added


def happen(*texts: str) -> None:
    for text in texts:
        publish(NewEvent(EventType.SESSION_FINISHED, now(), text, "/sessions/1", {"text": text}))


def run_once(dispatch: Dispatch) -> None:
    dispatch.run()
    work()


def attempted(dispatch: Dispatch, receiver: HttpReceiver, number: int) -> bool:
    """Do what is due, and return whether the receiver has had this number of requests."""
    run_once(dispatch)
    return len(receiver.requests) == number


def texts(receiver: HttpReceiver) -> list[str]:
    return [event["text"] for event in receiver.events]


def outcomes() -> list[tuple[str, int, int | None, str | None]]:
    found = Delivery.select().order_by(Delivery.id)
    return [(delivery.state, delivery.attempts, delivery.status, delivery.message) for delivery in found]


def documented() -> dict[str, Any]:
    """Return what the example of docs/notifications.md defines."""
    page = (ROOT / "docs" / "notifications.md").read_text()
    [example] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    defined: dict[str, Any] = {}
    exec(example, defined)  # noqa: S102 - the example is the subject
    return defined


def test_events_arrive_signed_and_in_order(
    new_scheduler: NewScheduler, scheduler_url: str, receiving: HttpReceiver
) -> None:
    with new_scheduler(scheduler_url).app_context():
        webhook(receiving.url)
        happen("first", "second", "third")
        run_once(Dispatch())
        assert texts(receiving) == ["first", "second", "third"]
        assert outcomes() == [("delivered", 1, 204, None)] * 3
        [(headers, body), *_], [event, *_] = receiving.requests, receiving.events
        assert event == {
            "id": headers["X-Gait-Event-Id"],
            "type": headers["X-Gait-Event"],
            "at": event["at"],
            "text": "first",
            "link": "https://gait.example/sessions/1",
            "data": {"text": "first"},
        }
        is_genuine = documented()["is_genuine"]
        assert is_genuine(body, headers["X-Gait-Signature"], SECRET)
        assert not is_genuine(body + b" ", headers["X-Gait-Signature"], SECRET)
        assert not is_genuine(body, headers["X-Gait-Signature"], SECRET + "x")
        assert not is_genuine(body, headers["X-Gait-Signature"].replace("t=1", "t=2"), SECRET)
        assert not is_genuine(body, headers["X-Gait-Signature"], SECRET, now=time.time() + 3600)


@pytest.mark.usefixtures("app")
def test_rq_repeats_a_failed_attempt_after_a_pause_and_the_order_stays(
    redis: Redis, receiving: HttpReceiver, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    receiving.answers = [500, 301, 204]
    receiving.location = "http://127.0.0.1:1/elsewhere"
    monkeypatch.setattr(jobs, "PAUSES_S", (3600,))
    added = webhook(receiving.url)
    happen("first", "second")
    dispatch = Dispatch()
    paused = queue.notifications(redis).scheduled_job_registry
    for attempts in (1, 2):
        run_once(dispatch)
        run_once(dispatch)  # at once: too early
        assert texts(receiving) == ["first"] * attempts
        assert paused.get_job_ids() == [added.id]
        pause = paused.get_scheduled_time(added.id) - datetime.now(UTC)
        assert timedelta(minutes=55) < pause < timedelta(minutes=65)
        assert paused.get_jobs_to_schedule() == []
        redis.zadd(paused.key, {added.id: 1})  # the pause is over
        Receiver.update(due_at=now()).execute()
    run_once(dispatch)
    assert paused.get_job_ids() == []
    assert texts(receiving) == ["first", "first", "first", "second"]
    assert len({event["id"] for event in receiving.events}) == 2
    assert outcomes() == [("delivered", 3, 204, None), ("delivered", 1, 204, None)]
    log = capsys.readouterr().out
    assert "refused and deleted" not in log
    assert "It answered 500 Internal Server Error." in log
    assert "It answered 301, and redirects are not followed." in log
    assert SECRET not in log
    assert "t0ken" not in log


@pytest.mark.usefixtures("app")
def test_an_event_is_given_up_after_a_day_and_the_next_one_is_tried(
    receiving: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PAUSES_S", (0,))
    receiving.answers = [503, 204]
    webhook(receiving.url)
    happen("old", "new")
    Event.update(created_at=now() - deliveries.LIFE - timedelta(minutes=1)).where(Event.text == "old").execute()
    dispatch = Dispatch()
    until(lambda: attempted(dispatch, receiving, 2), "both attempts")
    assert outcomes() == [
        ("given-up", 1, 503, "It answered 503 Service Unavailable."),
        ("delivered", 1, 204, None),
    ]


@pytest.mark.usefixtures("app")
def test_nothing_is_lost_with_redis_or_with_a_process_that_was_killed(
    redis: Redis, receiving: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = webhook(receiving.url)
    happen("first", "second")
    dispatch = Dispatch()
    dispatch.run()
    redis.flushall()
    work()
    assert receiving.requests == []
    assert deliveries.take(added.id) is not None  # by a process that is killed before it has noted the outcome
    run_once(dispatch)
    assert receiving.requests == []
    monkeypatch.setattr(queue, "STALE", timedelta(0))
    Receiver.update(due_at=now()).execute()  # its time is over
    run_once(dispatch)
    assert texts(receiving) == ["first", "second"]


def test_a_receiver_that_does_not_answer_holds_up_no_other(
    app: Flask, receiving: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = TimeLimits(connect_s=1.0, first_byte_s=0.5, silence_s=0.5, total_s=0.5)
    monkeypatch.setattr(guarded_transport, "LIMITS", limits)
    with http_receiver() as silent:
        silent.hold = threading.Event()
        webhook(silent.url)
        webhook(receiving.url)
        happen("first")
        Dispatch().run()

        def deliver() -> None:
            with app.app_context():
                work()

        threads = [threading.Thread(target=deliver) for _ in range(WORKERS)]
        for thread in threads:
            thread.start()
        until(lambda: len(receiving.requests) == 1, "the delivery")
        for thread in threads:
            thread.join()
        assert outcomes()[0] == ("pending", 1, None, "It did not answer in time.")


@pytest.mark.parametrize(
    ("addresses", "problem"),
    [
        (["127.0.0.1"], "loopback"),
        (["169.254.169.254"], "link-local"),
        (["::1"], "loopback"),
        (["::ffff:127.0.0.1"], "loopback"),
        (["64:ff9b::7f00:1"], "loopback"),
        (["0.0.0.0"], "unspecified"),  # noqa: S104 - nothing is bound to it
        (["fd00:ec2::254", "10.255.255.1"], None),  # one of them is allowed, and no other is tried
    ],
)
def test_the_address_that_is_connected_to_is_the_one_that_was_checked(
    new_scheduler: NewScheduler,
    receiving: HttpReceiver,
    monkeypatch: pytest.MonkeyPatch,
    addresses: list[str],
    problem: str | None,
) -> None:
    """The name has another address each time it is asked for, as with DNS rebinding."""
    asked, real = [], socket.getaddrinfo
    tried: list[str] = []

    def resolve(host: str, port: int, *others: Any, **options: Any) -> Any:
        if host != "rebinding.example":
            return real(host, port, *others, **options)
        asked.append(host)
        found = addresses if len(asked) == 1 else ["127.0.0.1"]
        return [each for address in found for each in real(address, port, type=socket.SOCK_STREAM)]

    def connect(address: tuple[str, int], *_: Any, **__: Any) -> Any:
        tried.append(address[0])
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(guarded_transport, "create_connection", connect)
    with new_scheduler(networks=()).app_context():
        webhook(receiving.url.replace("127.0.0.1", "rebinding.example"))
        happen("first")
        run_once(Dispatch())
        [(state, _, _, message)] = outcomes()
    assert state == DeliveryState.PENDING
    assert len(asked) == 1
    if problem:
        assert tried == []
        assert f"to which no webhook goes ({problem})" in str(message)
    else:
        assert tried == ["10.255.255.1"]
        assert message == "There was no answer: Connection refused."
