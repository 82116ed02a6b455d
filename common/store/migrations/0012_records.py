"""Give the records of the first releases the present shape. What those releases did not record is null or empty.

Records without `phases` are older than the release that aligned readings with phases. Those without `requests` are of
the first release, whose runs were one request each, and whose verdicts and headlines had no point. Two of its test types
had one length of prompts, which is a condition now.

A row of no release's shape stays as it is, with a warning in the log.
"""
import json
import logging

from peewee import *

BATCH = 200
USAGE = ("foreign_gpu", "foreign_vram", "busiest", "on_battery", "charge")
PHASES = ("idle", "load", "prefill", "decode")
WITH_A_LENGTH = ("prefill", "ttft")
OF_REQUEST = ("contentUs", "doneUs", "clock", "server")


logger = logging.getLogger(__name__)


class Test(Model):
    test_type = CharField()
    options = JSONField()
    metrics = JSONField(null=True)

    class Meta:
        table_name = "test"


class Run(Model):
    test_id = IntegerField()
    conditions = TextField()
    metrics = JSONField()
    record = JSONField()

    class Meta:
        table_name = "run"


def up(migrator, db):
    with db.bind_ctx([Test, Run]):
        first = Run.record["loaded"][0]
        lacks_expiry = ~first.is_null() & first["expires"].is_null()
        for run in _in_batches(Run, Run.record["phases"].is_null() | lacks_expiry):
            if values := _converted(_run, run):
                Run.update(values).where(Run.id == run.id).execute()
        for test in _in_batches(Test, ~Test.metrics.is_null() & Test.metrics["phases"].is_null()):
            if values := _converted(_test, test):
                Test.update(values).where(Test.id == test.id).execute()


def down(migrator, db):
    """Leave the records: earlier releases read the present shape too."""


def _in_batches(table, wanted):
    after = -1
    while rows := list(table.select().where(table.id > after, wanted).order_by(table.id).limit(BATCH)):
        after = rows[-1].id
        yield from rows


def _converted(convert, row):
    try:
        return convert(row)
    except Exception:  # whatever is odd about it, the other rows can be converted
        logger.warning("row %s of table %s has an unknown shape and stays as it is", row.id, row._meta.table_name)
        return None


def _run(run):
    return {"record": _record(run.record, run.metrics), "conditions": _conditions(run)}


def _test(test):
    return {"metrics": _metrics(test)}


def _record(record, metrics):
    """The record with every key of the present ones."""
    if "requests" not in record:
        record = _of_one_request(record, metrics)
    return {
        **{"clockError": None, "phases": [], "observed": {}, "peaks": {}},
        **record,
        "loaded": [{"expires": None, **model} for model in record.get("loaded") or ()],
        "usage": {**dict.fromkeys(USAGE), **(record.get("usage") or {})},
        "verdicts": _placed(record.get("verdicts")),
        "rejected": _placed(record.get("rejected")),
    }


def _conditions(run):
    if "requests" in run.record or run.conditions != "{}":
        return run.conditions
    return json.dumps(_point(Test.get_by_id(run.test_id)), separators=(",", ":"))


def _point(test):
    """The conditions of all runs of a test of the first release."""
    return {"promptTokens": test.options["promptTokens"]} if test.test_type in WITH_A_LENGTH else {}


def _of_one_request(record, metrics):
    request = {"labels": {}, "figures": metrics, "sentUs": None, "lateUs": None}
    request |= {name: record.get(name) for name in OF_REQUEST}
    kept = {name: value for name, value in record.items() if name not in OF_REQUEST}
    return {**kept, "own": [], "requests": [request]}


def _metrics(test):
    """The metrics with every part of the present ones."""
    found = test.metrics
    return {
        **{"points": [], "finding": None, "clock": _clock(test), "peaks": {}, "phases": dict.fromkeys(PHASES)},
        **{"energyPerToken": None, "energyPerTokenAboveIdle": None},
        **found,
        "headline": {"point": _point(test), **found["headline"]} if found.get("headline") else None,
        "verdicts": _placed(found.get("verdicts")),
    }


def _clock(test):
    """The clock of all requests of the test, `client` if any was stamped by that."""
    runs = Run.select(Run.record["requests"]).where(Run.test_id == test.id).tuples()
    clocks = {request["clock"] for (requests,) in runs for request in requests or ()}
    return "kernel" if clocks == {"kernel"} else "client"


def _placed(verdicts):
    return [{"point": {}, **verdict} for verdict in verdicts or ()]
