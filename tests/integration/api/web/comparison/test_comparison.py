"""The comparison, as it is read without scripts."""

import re
from html import unescape

from flask.testing import FlaskClient

from common.catalogue.test_type import Point
from common.store.changes import claims, writes
from common.store.tables import Order, Run, Session
from testbed.stored.inventory import INVENTORY
from tests.integration.api.conftest import HEADER, KEY, NewApp
from tests.support.stored.comparable import SLOWER, STEADY, Rates, session
from tests.support.stored.sessions import queued

POINTS: tuple[Point, ...] = ({"promptTokens": 128}, {"promptTokens": 512})


def compare(client: FlaskClient, *sessions: Session, **arguments: str) -> str:
    """Return the page's text, without its tags."""
    answer = client.get("/compare", query_string={"session": [one.id for one in sessions], **arguments})
    assert answer.status_code == 200, answer.text
    return plain(answer.text)


def plain(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_a_slower_session_is_slower_by_its_percents(client: FlaskClient) -> None:
    for number in range(4):
        session(f"before {number}", {"tiny:latest": {0: tuple(value + number / 10 for value in STEADY)}})
    one, other = session("first", {"tiny:latest": {0: STEADY}}), session("second", {"tiny:latest": {0: SLOWER}})
    text = compare(client, one, other)
    assert "second compared with first, 1 headline metric: 1 is slower Largest: decode −10.0 %" in text
    assert re.search(r"100 tok/s .*99\.\d–101 tok/s −10\.0 % slower −1\d\.\d to −[89]\.\d+ 90\.0 tok/s", text)
    assert "higher is better" in text
    assert "second: evaluated by the spread between 4 unchanged sessions" in text
    turned = compare(client, one, other, baseline=other.id)
    assert "first compared with second, 1 headline metric: 1 is faster Largest: decode +11.1 %" in turned


def test_without_unchanged_sessions_two_sessions_only_differ(client: FlaskClient) -> None:
    one, other = session("first", {"tiny:latest": {0: STEADY}}), session("second", {"tiny:latest": {0: SLOWER}})
    text = compare(client, one, other)
    assert "1 headline metric: 1 differs in these two sessions Largest: decode −10.0 %" in text
    assert re.search(r"request lower is better 10\.0 ms .* \+11\.1 % differs in these two sessions .* 11\.1 ms", text)
    assert "second: evaluated by the runs alone, because the spread between sessions is unknown" in text


def test_alike_sessions_show_no_clear_difference(client: FlaskClient) -> None:
    one, other = (session(name, {"tiny:latest": {0: STEADY}}) for name in ("first", "second"))
    text = compare(client, one, other)
    assert "1 shows no clear difference" in text
    assert re.search(
        r"≈ 0\.00 % no clear difference −0\.\d+ to \+0\.\d+ 100 tok/s .* smallest detectable change 1\.\d+ %", text
    )
    assert "Hardware, Ollama, models and order are the same" in text


def test_too_few_runs_are_said_to_be(client: FlaskClient) -> None:
    one, other = session("first", {"tiny:latest": {0: (100.0, 101.0)}}), session("b", {"tiny:latest": {0: (50.0,)}})
    text = compare(client, one, other)
    assert "1 has too few runs to compare" in text
    assert "−50.2 % too few runs to compare" in text


def test_what_differs_stands_once_and_names_the_columns(client: FlaskClient) -> None:
    other_machine = {**INVENTORY, "gpu": [{"model": "RTX 4090", "driver": "570.1", "memory": 25_000_000_000}]}
    one = session("same", {"tiny:latest": {0: STEADY}})
    other = session("same", {"tiny:latest": {0: STEADY}}, inventory=other_machine, ollama="0.9.4", host="garage")
    text = compare(client, one, other)
    assert "garage compared with local, 1 headline metric" in text
    for words in (
        "Ollama (0.9.3 → 0.9.4)",
        "Host (local → garage)",
        "GPU driver (6.1 → 570.1)",
        "local: Radeon 780M, 4 GB; Ryzen 7, 16 threads",
        "garage: RTX 4090, 23.3 GB",
    ):
        assert words in text[: text.index("How fast does the model write?")], words
    assert "GPU (" not in text
    unlike, alike = text.index("What differs"), text.index("The same in all")
    assert "Ryzen 7, 8 cores, 16 threads" in text[alike:]
    assert "CPU" not in text[unlike:alike]


def test_other_options_get_no_verdict(client: FlaskClient) -> None:
    one = session("first", {"tiny:latest": {0: STEADY}})
    other = session("second", {"tiny:latest": {0: SLOWER}}, options={"outputTokens": 16, "maxRepetitions": 40})
    text = compare(client, one, other)
    assert "second is not comparable with the baseline in decode: other options (outputTokens). These numbers" in text
    assert "decode: outputTokens 128 16" in text
    assert "1 headline metric: 1 is not comparable" in text


def test_a_model_under_the_same_name_is_compared_if_asked(client: FlaskClient) -> None:
    one = session("first", {"tiny:latest": {0: STEADY}})
    other = session("second", {"tiny:latest": {0: SLOWER}}, digest="f" * 60)
    answer = client.get("/compare", query_string={"session": [one.id, other.id]})
    assert "is not comparable with the baseline in decode: another digest of the model" in answer.text
    [link] = re.findall(r'href="([^"]+)">Compare the two digests', answer.text)
    assert "1 differs in these two sessions" in client.get(unescape(link)).text


def test_models_of_one_session_are_columns(client: FlaskClient) -> None:
    one = session("both", {"small:latest": {0: SLOWER * 2}, "tiny:latest": {0: STEADY * 2}}, order=Order.INTERLEAVED)
    text = compare(client, one)
    assert "Test small:latest baseline tiny:latest use as baseline" in text
    assert "1 is faster" in text
    assert "tiny:latest: measured in turn with the baseline, block by block" in text
    chosen = compare(client, one, baseline=f"{one.id}/tiny:latest")
    assert "small:latest compared with tiny:latest, 1 headline metric: 1 is slower" in chosen
    assert "There is nothing to compare tiny:latest with" in compare(client, one, model="tiny")


def test_models_of_several_sessions_are_rows(client: FlaskClient) -> None:
    rates: Rates = {f"m{number}:1": {0: STEADY} for number in range(5)}
    one = session("first", {**rates, "slow:1": {0: STEADY}, "left:1": {0: STEADY}})
    others = [session(f"night {number}", {**rates, "slow:1": {0: SLOWER}}) for number in range(2)]
    text = compare(client, one, *others)
    assert "Compare 7 models" in text
    assert "night 0 compared with first, 6 headline metrics: 1 differs" in text
    assert "slow:1, decode −10.0 %" in text
    assert text.count("≈") == 5 * len(others) + 1
    assert "Choose a model to see all its points and metrics." in text
    narrowed = compare(client, one, *others, model="slow:1")
    assert "Further metrics" in narrowed
    assert "m0:1" not in narrowed[narrowed.index("compared with") :]


def test_sessions_without_a_model_in_common_are_compared_as_models(client: FlaskClient) -> None:
    one, other = session("a", {"q4:1": {0: STEADY}}), session("b", {"q8:1": {0: SLOWER}})
    assert "q8:1, b compared with q4:1, a, 1 headline metric: 1 differs" in compare(client, one, other)


def test_models_that_did_not_take_turns_are_said_so(client: FlaskClient) -> None:
    one = session("both", {"small:latest": {0: SLOWER}, "tiny:latest": {0: STEADY}})
    text = compare(client, one)
    assert "tiny:latest: measured before or after the baseline, not in turn with it, and evaluated by the runs" in text


def test_points_are_compared_one_by_one_and_together(client: FlaskClient) -> None:
    one = session("first", {"tiny:latest": {0: STEADY, 1: STEADY}}, points=POINTS)
    other = session("second", {"tiny:latest": {0: STEADY, 1: SLOWER}}, points=POINTS)
    text = compare(client, one, other)
    assert "2 headline metrics: 1 differs in these two sessions 1 shows no clear difference" in text
    assert "(512 prompt tokens)" in text
    assert "The 2 verdicts on headline metrics are controlled together (Benjamini and Hochberg)" in text


def test_what_failed_or_is_missing_says_so(client: FlaskClient) -> None:
    one, other = session("first", {"tiny:latest": {0: STEADY}}), queued(name="second")
    claim = claims.Claim(other.id, "worker")
    claims.take(claim)
    ttft = next(test for test in other.tests if test.test_type == "ttft")
    writes.fail_test(claim, ttft, "it is out of memory; choose a smaller model")
    text = compare(client, one, other)
    assert "No results of second (ttft): it is out of memory; choose a smaller model" in text
    assert "not finished" in text


def test_several_points_are_a_line_for_each_column_and_one_is_none(client: FlaskClient) -> None:
    """Check that a column without a value has no line, and that no chart needs scripts."""
    idle = session("idle", {"tiny:latest": {0: (1e-9,) * 5, 1: (1e-9,) * 5}}, points=POINTS)
    for run in Run.select():
        Run.update(metrics={"decodeTokensPerSecond": 0.0}).where(Run.id == run.id).execute()
    other = session("other", {"tiny:latest": {0: STEADY, 1: STEADY}}, points=POINTS)
    waiting = queued(name="waiting")
    several = client.get("/compare", query_string={"session": [idle.id, other.id, waiting.id]}).text
    names = several.partition('<p class="names">')[2].partition("</p>")[0]
    assert re.sub(r"<[^>]+>", " ", names).split() == ["idle", "other"]
    assert "data-chart" not in several
    alone = session("alone", {"tiny:latest": {0: STEADY}})
    assert '<figure class="chart">' not in client.get(f"/compare?session={alone.id}").text


def test_a_page_with_numbers_needs_the_key(new_app: NewApp) -> None:
    client = new_app(api_keys=(KEY,)).test_client()
    one = session("secret", {"tiny:latest": {0: STEADY}})
    locked = client.get(f"/compare?session={one.id}")
    assert (locked.status_code, "secret" in locked.text) == (401, False)
    assert "secret" in client.get(f"/compare?session={one.id}", headers=HEADER).text


def test_a_machine_without_an_inventory_is_unknown(client: FlaskClient) -> None:
    one, other = (session("x", {"tiny:latest": {0: STEADY}}, inventory=known) for known in (None, INVENTORY))
    text = compare(client, one, other)
    assert "CPU – Ryzen 7, 8 cores, 16 threads" in text
    assert "Sampler not running running" in text
