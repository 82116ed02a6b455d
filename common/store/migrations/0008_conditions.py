"""Store with each run the conditions it was measured at, instead of the number of its point.

The numbers of a completed test stand for the points in its metrics. A test without metrics names its points in its
options, except those that its worker could not measure, which its log names. A number that stands for no known point
becomes the condition {"point": number}: its runs are kept, apart from all others.
"""
import ast
import itertools
import json
import re

from peewee import *

BATCH = 500
LABELS = {"turn", "prefix", "after"}
"""Names in the points of metrics that distinguish the requests of one run; they are not conditions of the run."""
OPTIONS_IN_ORDER = ("inputTokens", "batchSize")
"""The options with several values of the one test type that has two of them. PostgreSQL sorts the names in its JSON."""
PLACES_IN_CACHE = [{"pageCache": "warm"}, {"pageCache": "cold"}]
MAX_OFFLOAD = re.compile(r"no offloadPercent above ([\d.]+) %")
LEFT_OUT = re.compile(r"points-left-out \(points (\[.*?\]), contextLength")


class Test(Model):
    test_type = CharField()
    options = JSONField()
    metrics = JSONField(null=True)

    class Meta:
        table_name = "test"


class Run(Model):
    test_id = IntegerField()
    point = IntegerField()
    conditions = TextField()

    class Meta:
        table_name = "run"


class LogLine(Model):
    test_id = IntegerField()
    text = TextField()

    class Meta:
        table_name = "log_line"


def up(migrator, db):
    # A constant default is metadata on both databases, so that this rewrites no row.
    db.execute_sql("ALTER TABLE run ADD COLUMN conditions TEXT DEFAULT '{}' NOT NULL")
    with db.bind_ctx([Test, Run, LogLine]):
        for test, numbers in _tests_with_runs():
            for number, conditions in _conditions(test, numbers).items():
                if conditions:
                    runs = (Run.test_id == test["id"]) & (Run.point == number)
                    Run.update(conditions=json.dumps(conditions, sort_keys=True, separators=(",", ":"))).where(runs).execute()
    migrator.migrate(migrator.drop_index("run", "run_test_id_point_repetition"))
    migrator.migrate(migrator.drop_column("run", "point"))
    migrator.migrate(migrator.add_index("run", ("test_id", "conditions", "repetition"), unique=True))


def down(migrator, db):
    migrator.migrate(migrator.drop_index("run", "run_test_id_conditions_repetition"))
    db.execute_sql("ALTER TABLE run ADD COLUMN point INTEGER DEFAULT 0 NOT NULL")
    with db.bind_ctx([Run]):
        first = Run.select(Run.test_id, Run.conditions, fn.MIN(Run.id)).group_by(Run.test_id, Run.conditions)
        in_order = sorted(first.tuples(), key=lambda row: (row[0], row[2]))
        for _, points in itertools.groupby(in_order, key=lambda row: row[0]):
            for number, (test_id, conditions, _) in enumerate(points):
                runs = (Run.test_id == test_id) & (Run.conditions == conditions)
                Run.update(point=number).where(runs).execute()
    migrator.migrate(migrator.drop_column("run", "conditions"))
    migrator.migrate(migrator.add_index("run", ("test_id", "point", "repetition"), unique=True))


def _tests_with_runs():
    """Each test that has runs, with the numbers of its points; few tests are in memory at once."""
    asked = (Test.id, Test.test_type, Test.options, Test.metrics["points"].alias("points"))
    columns = (*asked, Test.metrics["headline"].alias("headline"), Test.metrics.is_null().alias("unfinished"))
    after = -1
    while tests := list(Test.select(*columns).where(Test.id > after).order_by(Test.id).limit(BATCH).dicts()):
        after = tests[-1]["id"]
        found = Run.select(Run.test_id, Run.point).distinct().where(Run.test_id.in_([test["id"] for test in tests]))
        numbers = {}
        for test_id, number in found.tuples():
            numbers.setdefault(test_id, []).append(number)
        yield from ((test, sorted(numbers[test["id"]])) for test in tests if test["id"] in numbers)


def _conditions(test, numbers):
    try:
        points = _planned(test) if test["unfinished"] else _measured(test)
    except Exception:  # options or metrics of an unknown shape: the runs are kept by their numbers
        points = []
    known = {number: points[number] for number in numbers if number < len(points)}
    return {number: known.get(number, {"point": number}) for number in numbers}


def _measured(test):
    """The points of a completed test, each once, without what distinguishes requests."""
    found = [each["point"] for each in test["points"] or ()] or [(test["headline"] or {}).get("point") or {}]
    points = [{name: value for name, value in point.items() if name not in LABELS} for point in found]
    return _each_once(points)


def _planned(test):
    """The points that a test without metrics was to be measured at, as far as its worker could."""
    lists = {name: value for name, value in test["options"].items() if isinstance(value, list)}
    names = [name for name in OPTIONS_IN_ORDER if name in lists] or list(lists)
    points = [dict(zip(names, values)) for values in itertools.product(*(lists[name] for name in names))]
    if test["test_type"] == "cold-start":
        points = PLACES_IN_CACHE
    largest, left_out = _limits(test["id"])
    return [point for point in points if point not in left_out and point.get("offloadPercent", 0) <= largest]


def _limits(test_id):
    """What the log says of points that were not measured: the largest share of layers (%), and points."""
    largest, left_out = 100, []
    lines = LogLine.select(LogLine.text).where(LogLine.test_id == test_id).order_by(LogLine.id)
    for (text,) in lines.tuples():
        if match := MAX_OFFLOAD.match(text):
            largest = round(float(match.group(1)))
        elif match := LEFT_OUT.match(text):
            left_out = ast.literal_eval(match.group(1))
    return largest, left_out


def _each_once(points):
    return [point for number, point in enumerate(points) if point not in points[:number]]
