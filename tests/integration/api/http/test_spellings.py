"""Parameters in the spellings of many clients."""

from datetime import datetime, timedelta
from itertools import product
from typing import Any

from flask.testing import FlaskClient

from common.values.units import epoch_ms, iso
from tests.integration.api.conftest import body
from tests.support.stored.sessions import METRICS, finished

LONG_TAG = "q" * 80


def get(client: FlaskClient, route: str, query: str) -> Any:
    answer = client.get(f"/api/v1/{route}?{query}")
    assert answer.status_code == 200, answer.text
    return body(answer)


def date_of_result(client: FlaskClient) -> datetime:
    """Store two results, and return the date of one, which is almost that of the other."""
    finished()
    [first, _] = get(client, "test-results", "")["results"]
    return datetime.fromisoformat(first["date"]).replace(tzinfo=None)


TAGS = (
    "tags=a&tags=b",  # Go, requests, Spring
    "tags[]=a&tags[]=b",  # jQuery, Rails, axios
    "tags%5B%5D=a&tags%5B%5D=b",
    "tags[0]=a&tags[1]=b",  # PHP, qs
    "tags[0]=b&tags[7]=a",
    "tags.0=a&tags.1=b",
    "tags=a,b",
    "tags[]=a,b",
    "tags[]=a&tags=b",
    'tags=["a","b"]',  # JSON.stringify
    "tags=['a', 'b']",  # urlencode in Python, and httpx for what is within an object
    "tags=a&tags=b&_=1795461287786",  # jQuery's `cache: false`
    "tags=a&tags[]=&tags=b&search=&host=&group=&page=&limit=&results=",
    "tags=%20a%20&tags=B",
)


def test_a_list_of_tags(client: FlaskClient) -> None:
    finished(tags=("a",))
    both = finished(tags=("a", "b"))
    for query in TAGS:
        assert [session["id"] for session in get(client, "test-sessions", query)["sessions"]] == [both.id], query
        assert client.get(f"/?{query}").text.count('data-id="') == 1, query


def test_a_list_of_metrics(client: FlaskClient) -> None:
    finished()
    for name in ("metrics", "metrics[]", "metrics[0]", "metrics.1"):
        [first, _] = get(client, "test-results", f"{name}=ramUsage&{name}=tokensPerSecond")["results"]
        assert first["metrics"].keys() & METRICS.keys() == {"tokensPerSecond", "statistics"}, name


RANGES = (
    "dateRange[start]={start}&dateRange[end]={end}",
    "dateRange%5Bstart%5D={start}&dateRange%5Bend%5D={end}",
    "dateRange.start={start}&dateRange.end={end}",  # Spring, qs with allowDots
    'dateRange={{"start":"{start}","end":"{end}"}}',
    'dateRange={{"start":{start_ms},"end":{end_ms}}}',
    "dateRange={{'start': '{start}', 'end': {end_ms}}}",  # httpx
    "dateRange=start,{start},end,{end}",  # OpenAPI's form style
    "start={start}&end={end}",  # the same, exploded
    "dateRange={start},{end}",
    "dateRange={start}/{end}",  # ISO 8601
    "dateRange[]={start}&dateRange[]={end}",  # the pickers of dates
    "dateRange[0]={start}&dateRange[1]={end}",
    'dateRange=["{start}",{end_ms}]',
    "dateRange[start]={start_ms}&dateRange[end]={end_ms}.5",
    "dateRange[start]={start}&dateRange[start]={start}&dateRange.end={end}",
)


def test_a_range_of_dates(client: FlaskClient) -> None:
    now = date_of_result(client)
    for query, (start, end, total) in product(RANGES, ((-1, 1, 2), (1, 2, 0), (-2, -1, 0))):
        start_at, end_at = (now + timedelta(hours=hours) for hours in (start, end))
        ms = {"start_ms": epoch_ms(start_at), "end_ms": epoch_ms(end_at)}
        spelt = query.format(start=iso(start_at), end=iso(end_at), **ms)
        assert get(client, "test-results", spelt)["total"] == total, spelt


OPEN_RANGES = (
    "dateRange={}",
    "dateRange={'start': '2026-01-01', 'end': None}",
    'dateRange={"start":null}',
    "dateRange[start]=&dateRange[end]=",
    "dateRange=",
    "dateRange[start]=0",
    'dateRange={"start":"2026-01-01"}',
    "dateRange=2026-01-01/",
)


def test_a_range_without_an_end(client: FlaskClient) -> None:
    finished()
    for query in OPEN_RANGES:
        assert get(client, "test-results", query)["total"] == 2, query


OFFSETS = (
    "{0}T{1}+02:00",  # not escaped
    "{0}T{1}%2B02:00",
    "{0}T{1}+0200",
    "{0}T{1}+02",
    "{0} {1}+02:00",  # Python's str()
    "{0}T{1}.000000000%2B02:00",  # Java's nanoseconds
    "{0}T{1}+02:00[Europe/Berlin]",
    "{0}t{1}%2b02:00",
    "{0} {1} %2B0200",  # Ruby, PHP
    "{0} {1} +0200",
    "{0} {1}.123456789 %2B0200 CEST",  # Go
    "{2} GMT%2B0200 (Central European Summer Time)",  # String(date) in JavaScript
    "{2} GMT+0200 (CEST)",
    "{3} {1} %2B0200",  # e-mail, and HTTP with GMT
)


def test_an_offset_from_utc(client: FlaskClient) -> None:
    now = date_of_result(client)
    for text, (seconds, total) in product(OFFSETS, ((-1, 2), (1, 0))):
        there = now + timedelta(hours=2, seconds=seconds)
        words = (there.strftime("%a %b %d %Y %H:%M:%S"), there.strftime("%a, %d %b %Y"))
        spelt = text.format(there.strftime("%Y-%m-%d"), there.strftime("%H:%M:%S"), *words)
        assert get(client, "test-results", f"dateRange[start]={spelt}")["total"] == total, spelt


DAYS = (
    ("2026-03-01", "2026-03-01T00:00:00.000Z", "2026-03-01T23:59:59.999Z"),
    ("2026-03-01Z", "2026-03-01T00:00:00.000Z", "2026-03-01T23:59:59.999Z"),  # XML Schema
    ("2026-03-01%2B02:00", "2026-02-28T22:00:00.000Z", "2026-03-01T21:59:59.999Z"),
    ("2026-03-01-0530", "2026-03-01T05:30:00.000Z", "2026-03-02T05:29:59.999Z"),
    ("2026-03-01 12:00:00 UTC", "2026-03-01T12:00:00.000Z", "2026-03-01T12:00:00.000Z"),  # Ruby
    ("Sun, 01 Mar 2026 12:00:00 GMT", "2026-03-01T12:00:00.000Z", "2026-03-01T12:00:00.000Z"),  # HTTP
)


def test_a_date_is_the_whole_day(client: FlaskClient) -> None:
    session = finished()
    for day, start, end in DAYS:
        window = get(client, f"test-sessions/{session.id}/telemetry", f"from={day}&to={day}")
        assert (window["start"], window["end"]) == (start, end), day


def test_times_of_readings(client: FlaskClient) -> None:
    session = finished()
    for start in ("2026-01-01T02:00:00+02:00", epoch_ms(datetime.fromisoformat("2026-01-01"))):
        window = get(client, f"test-sessions/{session.id}/telemetry", f"from={start}&to=")
        assert window["start"] == "2026-01-01T00:00:00.000Z"


WRONG = (
    ("dateRange=[object Object]", "dateRange", 'must be {"start": …, "end": …} as JSON, or be given as'),
    ("dateRange=start&dateRange=end", "dateRange[start]", "must be a date or a time"),  # a dict in requests
    ('dateRange={"from":"2026-01-01"}', "dateRange[from]", "is unknown. "),
    ("dateRange[start]=1795461287", "dateRange[start]", "milliseconds since 1970 (13 digits)"),
    ("dateRange[start]=999999999999999", "dateRange[start]", "must be a date or a time"),
    ("modelName=a&modelName=b", "modelName", "is given more than once, with different values"),
    ("model_name=tiny", "model_name", "is unknown. Use modelName. Known are modelName, testType, "),
    ("ModelName=tiny", "ModelName", "is unknown. Use modelName. "),
    ("modelName[]=tiny", "modelName[]", "is unknown. Use modelName. "),
    ("date_range[start]=2026-01-01", "date_range[start]", "is unknown. Use dateRange[start]. "),
    ("metric=tokensPerSecond", "metric", "is unknown. Use metrics. "),
    ("dateRange[start]=Thu Jan 01 2026 01:00:00", "dateRange[start]", "must be a date or a time"),  # without a zone
    ("dateRange[start]=Thu, 31 Feb 2026 01:00:00 GMT", "dateRange[start]", "must be a date or a time"),
    ("modelName=caf%E9", "modelName", "must be encoded as UTF-8"),
    ("modelName=tiny&%FF=1", "\ufffd", "must be encoded as UTF-8"),
    ("sort=date", "sort", "is unknown. Known are"),
    ("xyz=1", "xyz", "is unknown. Known are modelName, testType, hardwareConfig, dateRange[start], "),
)


def test_what_cannot_be_read_is_named(client: FlaskClient) -> None:
    for query, name, problem in WRONG:
        answer = client.get(f"/api/v1/test-results?{query}")
        assert answer.status_code == 422, query
        [text] = body(answer)["details"][name]
        assert problem in text, query


def test_routes_without_parameters_refuse_unknown_ones(client: FlaskClient) -> None:
    one = f"test-sessions/{finished().id}"
    for method, path in (("GET", "hosts"), ("GET", one), ("POST", f"{one}/cancel"), ("DELETE", one)):
        assert client.open(f"/api/v1/{path}?_=1", method=method).status_code != 422, path  # no cache may answer
        answer = client.open(f"/api/v1/{path}?limit=5", method=method)
        assert (answer.status_code, body(answer)["details"]) == (422, {"limit": ["is unknown. None are known here."]})


def test_long_tags_of_models(client: FlaskClient) -> None:
    finished(tags=(LONG_TAG,))
    assert get(client, "test-sessions", f"tags[]={LONG_TAG}")["total"] == 1
    assert LONG_TAG in client.get(f"/?tags={LONG_TAG}").text


def test_pages_ignore_unknown_parameters(client: FlaskClient) -> None:
    for page in ("/", "/new", "/compare", "/history", "/machines"):
        assert client.get(f"{page}?utm_source=mail&fbclid=1&page=&from=&dateRange=x").status_code == 200, page
