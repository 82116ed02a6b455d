"""The comparison, as it is read without scripts."""

import json
import math
import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.comparisons.columns import MAX_COLUMNS
from api.comparisons.columns import columns as columns_of
from api.comparisons.words import facts as words_of_facts
from api.comparisons.words.sentences import change_text
from common.catalogue.test_type import Point
from common.stats.comparing.comparison import Difference
from common.store.changes import claims, writes
from common.store.earlier import samples
from common.store.tables import Order, Run, Session
from testbed.inventory import INVENTORY
from tests.integration.api.conftest import HEADER, KEY, NewApp
from tests.support.comparable import SLOWER, STEADY, Rates, session
from tests.support.stored import queued

POINTS: tuple[Point, ...] = ({"promptTokens": 128}, {"promptTokens": 512})


def compare(client: FlaskClient, *sessions: Session, **arguments: str) -> str:
    """Return the page's text, without its tags."""
    answer = client.get("/compare", query_string={"session": [one.id for one in sessions], **arguments})
    assert answer.status_code == 200, answer.text
    without_figures = re.sub(r"data-chart='[^']*'", "", answer.text)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", without_figures)).split())


def test_nothing_chosen_offers_the_newest(client: FlaskClient) -> None:
    assert "No sessions yet" in compare(client)
    queued()
    session("nightly", {"tiny:latest": {0: STEADY}})
    text = compare(client)
    assert "nightly" in text
    assert "tiny:latest" in text
    assert "What differs" not in text


def test_sessions_are_searched_for_and_the_chosen_stay(client: FlaskClient) -> None:
    one = session("alpha", {"tiny:latest": {0: STEADY}})
    session("beta", {"tiny:latest": {0: STEADY}})
    text = compare(client, one, search="beta")
    assert "alpha" in text
    assert "beta" in text
    assert "No sessions match “gamma”" in compare(client, search="gamma")


def test_a_slower_session_is_slower_by_its_percents(client: FlaskClient) -> None:
    for number in range(4):
        session(f"before {number}", {"tiny:latest": {0: tuple(value + number / 10 for value in STEADY)}})
    one, other = session("first", {"tiny:latest": {0: STEADY}}), session("second", {"tiny:latest": {0: SLOWER}})
    text = compare(client, one, other)
    assert "Compared with A · first , of 1 headline metric: 1 is slower ( decode )." in text
    assert re.search(r"90\.0 tok/s 95 %: 89\.\d–90\.\d tok/s, n = 8 slower −10\.0 % \(−1\d\.\d to −[89]\.\d+\)", text)
    assert "higher is better" in text
    assert "B: judged by the spread between 4 unchanged sessions" in text
    turned = compare(client, one, other, baseline=other.id)
    assert "Compared with B · second , of 1 headline metric: 1 is faster ( decode )." in turned


def test_without_unchanged_sessions_two_sessions_only_differ(client: FlaskClient) -> None:
    one, other = session("first", {"tiny:latest": {0: STEADY}}), session("second", {"tiny:latest": {0: SLOWER}})
    text = compare(client, one, other)
    assert "of 1 headline metric: 1 differs in these two sessions ( decode )." in text
    assert re.search(r"request lower is better 10\.0 ms .* 11\.1 ms .* differs in these two sessions \+11\.1 %", text)
    assert "B: judged by the runs alone, because the spread between sessions is unknown" in text


def test_alike_sessions_show_no_clear_difference(client: FlaskClient) -> None:
    one, other = (session(name, {"tiny:latest": {0: STEADY}}) for name in ("first", "second"))
    text = compare(client, one, other)
    assert "1 shows no clear difference" in text
    assert re.search(r"no clear difference 0\.00 % .* smallest detectable change 1\.\d+ %", text)
    assert "Hardware, Ollama, models and order are the same in all columns" in text


def test_too_few_runs_are_said_to_be(client: FlaskClient) -> None:
    one, other = session("first", {"tiny:latest": {0: (100.0, 101.0)}}), session("b", {"tiny:latest": {0: (50.0,)}})
    text = compare(client, one, other)
    assert "1 has too few runs to compare" in text
    assert "too few runs to compare −50.2 %" in text


def test_what_differs_stands_before_the_numbers(client: FlaskClient) -> None:
    other_machine = {**INVENTORY, "gpu": [{"model": "RTX 4090", "driver": "570.1", "memory": 25_000_000_000}]}
    one = session("first", {"tiny:latest": {0: STEADY}})
    other = session(
        "second", {"tiny:latest": {0: STEADY}}, inventory=other_machine, ollama="0.9.4", digest="f" * 60, host="garage"
    )
    text = compare(client, one, other)
    before, after = text.index("What differs"), text.index("The same in all")
    between = text[before:after]
    for words in (
        "Ollama 0.9.3 0.9.4",
        "Host local garage",
        "GPU Radeon 780M, 4 GB RTX 4090, 23.3 GB",
        "GPU driver 6.1 570.1",
        "Model digest 0123456789ab ffffffffffff",
    ):
        assert words in between, words
    assert "CPU" not in between
    assert "Ryzen 7, 8 cores, 16 threads" in text[after:]
    assert after < text.index("How fast does the model write?")


def test_other_options_get_no_verdict(client: FlaskClient) -> None:
    one = session("first", {"tiny:latest": {0: STEADY}})
    other = session("second", {"tiny:latest": {0: SLOWER}}, options={"outputTokens": 16, "maxRepetitions": 40})
    text = compare(client, one, other)
    assert "B · second is not comparable with the baseline: other options (outputTokens). Its numbers" in text
    assert "decode: outputTokens 128 16" in text
    assert "of 1 headline metric: 1 is not comparable ( decode )" in text


def test_a_model_under_the_same_name_is_compared_if_asked(client: FlaskClient) -> None:
    one = session("first", {"tiny:latest": {0: STEADY}})
    other = session("second", {"tiny:latest": {0: SLOWER}}, digest="f" * 60)
    answer = client.get("/compare", query_string={"session": [one.id, other.id]})
    assert "is not comparable with the baseline: another digest of the model" in answer.text
    [link] = re.findall(r'href="([^"]+)">Compare the two digests', answer.text)
    assert "1</strong> differs in these two sessions" in client.get(unescape(link)).text


def test_models_of_one_session_are_columns(client: FlaskClient) -> None:
    one = session("both", {"small:latest": {0: SLOWER * 2}, "tiny:latest": {0: STEADY * 2}}, order=Order.INTERLEAVED)
    text = compare(client, one)
    assert "A small:latest baseline B tiny:latest" in text
    assert "1 is faster" in text
    assert "B: measured in turn with the baseline, block by block" in text
    chosen = compare(client, one, baseline=f"{one.id}/tiny:latest")
    assert "Compared with B · tiny:latest , of 1 headline metric: 1 is slower ( decode )." in chosen
    alone = compare(client, one, model="tiny")
    assert "There is only one column" in alone


def test_models_that_did_not_take_turns_are_said_so(client: FlaskClient) -> None:
    one = session("both", {"small:latest": {0: SLOWER}, "tiny:latest": {0: STEADY}})
    text = compare(client, one)
    assert "B: measured before or after the baseline, not in turn with it, and judged by the runs alone" in text


def test_points_are_compared_one_by_one_and_together(client: FlaskClient) -> None:
    one = session("first", {"tiny:latest": {0: STEADY, 1: STEADY}}, points=POINTS)
    other = session("second", {"tiny:latest": {0: STEADY, 1: SLOWER}}, points=POINTS)
    text = compare(client, one, other)
    assert "of 2 headline metrics: 1 differs in these two sessions ( decode ), 1 shows no clear difference." in text
    assert "at 512 prompt tokens" in text
    assert "The 2 verdicts on headline metrics are controlled together (Benjamini and Hochberg)" in text


def test_what_failed_or_is_missing_says_so(client: FlaskClient) -> None:
    one, other = session("first", {"tiny:latest": {0: STEADY}}), queued(name="second")
    claim = claims.Claim(other.id, "worker")
    claims.take(claim)
    ttft = next(test for test in other.tests if test.test_type == "ttft")
    writes.fail_test(claim, ttft, "it is out of memory; choose a smaller model")
    text = compare(client, one, other)
    assert "B · second has no results: it is out of memory; choose a smaller model" in text
    assert "not finished" in text
    assert "In one column only: decode, ttft" in text


def test_a_column_of_zeros_is_drawn_and_one_of_nothing_is_not(client: FlaskClient) -> None:
    idle = session("idle", {"tiny:latest": {0: (1e-9,) * 5, 1: (1e-9,) * 5}}, points=POINTS)
    for run in Run.select():
        Run.update(metrics={"decodeTokensPerSecond": 0.0}).where(Run.id == run.id).execute()
    other = session("other", {"tiny:latest": {0: STEADY, 1: STEADY}}, points=POINTS)
    [chart] = charts(client, idle, other, queued(name="waiting"))
    assert [line["name"] for line in chart["traces"]] == ["A · idle", "B · other"]


def test_unknown_sessions_are_named_and_the_others_shown(client: FlaskClient) -> None:
    one = session("first", {"tiny:latest": {0: STEADY}})
    answer = client.get("/compare", query_string={"session": [one.id, "gone<b>"], "baseline": "nonsense"})
    assert answer.status_code == 200
    assert "Session gone&lt;b&gt; was not found" in answer.text


def test_no_more_columns_than_letters(client: FlaskClient) -> None:
    models: Rates = {f"m{number:02d}:1": {0: STEADY} for number in range(MAX_COLUMNS + 3)}
    text = compare(client, session("many", models))
    assert f"{MAX_COLUMNS} columns are shown; 3 more do not fit" in text
    many = [session(str(number), {"tiny:latest": {0: STEADY}}) for number in range(MAX_COLUMNS + 1)]
    assert "names 1 session more than this page can compare" in compare(client, *many)


def test_other_baselines_are_a_link_away(client: FlaskClient) -> None:
    one, other = (session(name, {"tiny:latest": {0: STEADY}}) for name in ("first", "second"))
    answer = client.get("/compare", query_string={"session": [one.id, other.id]})
    links = [unescape(link) for link in re.findall(r'href="(/compare\?[^"]+)"', answer.text)]
    [link] = [link for link in links if "baseline" in link]
    assert "Compared with <strong>B · second" in client.get(link).text


def charts(client: FlaskClient, *sessions: Session) -> list[Any]:
    answer = client.get("/compare", query_string={"session": [one.id for one in sessions]})
    return [json.loads(unescape(found)) for found in re.findall(r"data-chart='([^']*)'", answer.text)]


def test_a_test_of_one_point_is_a_bar_for_each_column(client: FlaskClient) -> None:
    one, other = session("first", {"tiny:latest": {0: STEADY}}), session("second", {"tiny:latest": {0: SLOWER}})
    [chart] = charts(client, one, other)
    [bars] = chart["traces"]
    assert (bars["look"], bars["x"], bars["y"]) == ("bars", ["A · first", "B · second"], [100.0, 90.0])
    assert (bars["low"][0], bars["high"][0]) == pytest.approx((99.32, 100.68), abs=0.01)
    assert bars["notes"] == ["n = 8", "n = 8"]
    assert (chart["y"]["unit"], chart["y"]["better"], chart["from_zero"]) == ("tokens/s", "higher", True)


def test_a_test_of_several_points_is_a_line_for_each_column(client: FlaskClient) -> None:
    one, other = (session(name, {"tiny:latest": {0: STEADY, 1: SLOWER}}, points=POINTS) for name in ("first", "second"))
    [chart] = charts(client, one, other)
    assert [(line["name"], line["x"], line["y"]) for line in chart["traces"]] == [
        (name, ["128 prompt tokens", "512 prompt tokens"], [100.0, 90.0]) for name in ("A · first", "B · second")
    ]


def test_a_page_with_numbers_needs_the_key(new_app: NewApp) -> None:
    client = new_app(api_keys=(KEY,)).test_client()
    one = session("secret", {"tiny:latest": {0: STEADY}})
    locked = client.get(f"/compare?session={one.id}")
    assert (locked.status_code, "secret" in locked.text) == (401, False)
    assert "secret" in client.get(f"/compare?session={one.id}", headers=HEADER).text


@pytest.mark.parametrize(
    ("difference", "unit", "text"),
    [
        (Difference(math.inf, (12.0, math.inf), relative=True), "ms", "+∞ % (+12.0 to +∞)"),
        (Difference(12.34, (10.1, 14.2), relative=True), "ms", "+12.3 % (+10.1 to +14.2)"),
        (Difference(-0.5, (-1.0, 0.0), relative=True), "ms", "−0.50 % (−1.00 to 0.00)"),
        (Difference(10, (8, 12), relative=False), "%", "+10.0 points (+8.00 to +12.0)"),
        (Difference(1500, (1000, 2000), relative=False), "ms", "+1.50 s (+1.00 to +2.00)"),
        (Difference(3, None, relative=False), "requests", "+3.00 requests"),
    ],
)
def test_a_difference_is_formatted_with_its_sign_and_unit(difference: Difference, unit: str, text: str) -> None:
    assert change_text(difference, unit) == text


def test_a_machine_without_an_inventory_is_unknown(client: FlaskClient) -> None:
    one = session("first", {"tiny:latest": {0: STEADY}}, inventory=None)
    [shown] = columns_of(samples.sessions([one.id]), [], samples.samples([one.id]))
    facts = words_of_facts.column_facts(shown)
    assert (facts["CPU"], facts["GPU"], facts["Sampler"], facts["Ollama"]) == ("–", "–", "not running", "0.9.3")
    assert client.get("/compare", query_string={"session": one.id}).status_code == 200
