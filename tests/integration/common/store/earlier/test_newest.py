"""The newest test of each model on each host, by steps in an index."""

from datetime import datetime, timedelta

import pytest

from common.store.earlier.newest import newest
from common.store.earlier.newest.last_measured import last_measured
from common.store.tables import Session, Test
from tests.support.stored.comparable import session

DAY = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - as the database keeps times


@pytest.mark.usefixtures("tables")
def test_each_is_found_once() -> None:
    """Check the steps against all tests. Some end at the same time."""
    for number in range(20):
        session(
            f"{number}",
            {f"m:{number % 3}": {0: (1.0,)}},
            host=f"h{number % 4}",
            at=DAY + timedelta(days=number * 7 % 5),
        )
    last = {(test.model, test.host): test.finished_at for test in Test.select().order_by(Test.finished_at)}
    found = newest.newest("decode")
    assert {(test.model, test.host): test.at for test in found} == last
    assert len(found) == len(last) == 12
    assert [test.host for test in newest.newest("decode", model="m:1", host="h2")] == ["h2"]
    assert newest.newest("ttft") == []
    on_host = {model: ended for (model, host), ended in last.items() if host == "h2"}
    assert last_measured("h2", ["m:0", "m:1", "m:2", "m:3"]) == on_host
    assert last_measured("h9", ["m:0"]) == last_measured("h2", []) == {}
    [last_test] = newest.newest("decode", model="m:0", host="h0")
    Session.update(imported_at=DAY, hardware=None).where(Session.id == last_test.session_id).execute()
    [own] = newest.newest("decode", model="m:0", host="h0")
    assert own.at < last_test.at  # the newest is of another machine
    assert last_measured("h0", ["m:0"]) == {"m:0": own.at}
