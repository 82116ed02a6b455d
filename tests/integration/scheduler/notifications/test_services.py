"""Events reach the operator's services through apprise, as texts that a person understands."""

from dataclasses import replace

import pytest
from redis import Redis

from common.alerts.event_types import EventType
from common.environment.notifications import Notifications
from common.errors import ConfigurationError
from common.messaging.counts import notification_counts
from common.store.alerts.outbox import NewEvent, publish
from common.store.alerts.tables import Delivery, Receiver
from common.store.changes import writes
from common.values.units import now
from scheduler.notifications.delivery_worker import work
from scheduler.notifications.queue import Dispatch
from scheduler.notifications.sending import services
from scheduler.regressions.evaluation import Evaluation
from tests.integration.scheduler.conftest import NewScheduler
from tests.integration.scheduler.http_receiver import HttpReceiver
from tests.integration.scheduler.nights import night
from tests.support.stored.comparable import TINY
from tests.support.stored.sessions import claimed, queued

PASSWORD = "pa55word"
PROBLEM = "Host local is unknown to this worker. Add it to OLLAMA_HOSTS."
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # apprise imports it


def service(receiving: HttpReceiver) -> str:
    """Return apprise's URL for a JSON receiver."""
    return receiving.url.replace("http://", f"json://user:{PASSWORD}@").partition("?")[0]


def test_a_session_is_reported_in_plain_words_with_a_link(
    new_scheduler: NewScheduler, receiving: HttpReceiver, redis: Redis, capsys: pytest.CaptureFixture[str]
) -> None:
    with new_scheduler(services=(service(receiving),)).app_context():
        dispatch = Dispatch()
        dispatch.run()  # the service becomes a receiver
        measured = night(0, 100.0)
        failed = queued()
        writes.fail_session(claimed(failed)[0], PROBLEM)
        cancelled = queued()
        writes.cancel_session(cancelled.id)
        Evaluation().run()
        dispatch.run()
        work()
    received = [(event["title"], *event["message"].split("\n"), event["type"]) for event in receiving.events]
    session = "https://gait.example/sessions"
    finished = "Session “night 0” on local has finished: 1 of 1 tests completed."
    of_failed, of_cancelled = "has failed: 0 of 2 tests completed.", "was cancelled: 0 of 2 tests completed."
    assert received == [
        ("Gait: session finished", finished, f"{TINY}, decode: 99.8 tok/s", f"{session}/{measured.id}", "success"),
        ("Gait: session failed", f"A session on local {of_failed}", PROBLEM, f"{session}/{failed.id}", "failure"),
        (
            *("Gait: session cancelled", f"A session on local {of_cancelled}", "cancelled by request"),
            *(f"{session}/{cancelled.id}", "info"),
        ),
    ]
    assert notification_counts.counts(redis)["session.failed", "delivered"] == 1
    log = capsys.readouterr()
    assert PASSWORD not in log.out + log.err


def test_only_wanted_events_are_sent_and_a_failure_names_no_password(
    new_scheduler: NewScheduler, receiving: HttpReceiver, capsys: pytest.CaptureFixture[str]
) -> None:
    receiving.answers = [500]
    url, gone = service(receiving), "json://127.0.0.1:1/gone"
    with new_scheduler(services=(url, gone), events=(EventType.SESSION_FAILED,)).app_context():
        Dispatch().run()
        for event_type in (EventType.SESSION_FINISHED, EventType.SESSION_FAILED):
            publish(NewEvent(event_type, now(), "text", "/", {}))
        Dispatch().run()
        work()
        found = [(delivery.state, delivery.message) for delivery in Delivery.select()]
    problem = "The service json did not take it. Try its URL with the command apprise."
    assert found == [("pending", problem)] * 2
    with new_scheduler(services=(url,), events=(EventType.SESSION_FAILED,)).app_context():
        Dispatch().run()
        assert [receiver.id for receiver in Receiver.select()] == [services.receiver_id(url)]
        assert Delivery.select().count() == 1
    log = capsys.readouterr()
    assert PASSWORD not in log.out + log.err


@pytest.mark.parametrize("url", [f"nonsense://{PASSWORD}@host", f"slack://{PASSWORD}"])
def test_a_url_that_apprise_does_not_know_is_refused_at_the_start(url: str) -> None:
    config = replace(Notifications(), services=("json://127.0.0.1", url))
    with pytest.raises(ConfigurationError, match=r"^NOTIFY_URLS: URL number 2 \(\w+://…\) is not one") as refused:
        services.check(config)
    assert PASSWORD not in str(refused.value)
