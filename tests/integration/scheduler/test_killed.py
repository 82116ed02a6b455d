"""A scheduler killed at every few lines: nothing is lost, nothing found twice, and the order stays."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from common.store.alerts import deliveries, receivers
from common.store.alerts.tables import Delivery, Regression
from common.store.database import database, open_database
from common.store.tables import Session
from scheduler.notifications import queue
from testbed import ROOT
from tests.integration.scheduler.conftest import NewScheduler
from tests.integration.scheduler.http_receiver import HttpReceiver
from tests.integration.scheduler.killed import do_what_is_due
from tests.integration.scheduler.nights import receiver

pytestmark = pytest.mark.slow
STEP = 41
MIN_LINES = 150
"""Lines that the duties go through. Fewer would be a trace that does not see them."""


def test_what_happened_is_reported_in_order_though_schedulers_are_killed(
    new_scheduler: NewScheduler,
    redis_url: str,
    sqlite_url: str,
    receiving: HttpReceiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_database(sqlite_url)
    receiver("01a209d2-d221-741c-84d0-38c0f996e1b8", url=receiving.url)
    database.close()
    settings = {"REDIS_URL": redis_url, "DATABASE_URL": sqlite_url, "WEBHOOK_NETWORKS": "127.0.0.1"}
    command = [sys.executable, "-m", "tests.integration.scheduler.killed", str(STEP)]
    ran = subprocess.run(command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout.splitlines()[-1]) * STEP > MIN_LINES
    monkeypatch.setattr(deliveries, "LEASE", timedelta(0))
    monkeypatch.setattr(queue, "STALE", timedelta(0))
    with new_scheduler(sqlite_url).app_context():
        do_what_is_due()
        sessions = [session.id for session in Session.select().order_by(Session.finished_at)]
        assert Regression.select().count() == 1
        assert {delivery.state for delivery in Delivery.select()} == {"delivered"}
        assert len(receivers.webhooks()) == 1
    first_of_each = list({event["id"]: event for event in receiving.events}.values())
    received = [event["data"]["sessionId"] for event in first_of_each if event["type"] == "session.finished"]
    assert received == sessions
    assert [event["type"] for event in first_of_each].count("regression.opened") == 1
    assert len(first_of_each) == len(sessions) + 1
