"""The models of a session by speed."""

import re

import pytest
from flask.testing import FlaskClient

from tests.support.stored.comparable import SLOWER, STEADY, session
from tests.support.stored.measured import Plan, decode, measured

FAST, SLOW = "qwen3:8b", "tiny:latest"


def test_the_fastest_model_stands_first_with_its_interval(client: FlaskClient) -> None:
    found = session("both", {SLOW: {0: SLOWER}, FAST: {0: STEADY}})
    text = client.get(f"/sessions/{found.id}").text
    [table] = re.findall(r'<table class="ranking".*?</table>', text, re.DOTALL)
    assert re.findall(r'<th scope="row"><span[^>]*></span>([^<]+)<', table) == [FAST, SLOW]
    assert f"{FAST} writes fastest" in text
    assert re.search(rf"100 tok/s, 11\.1 % \(.*?\) faster than {SLOW}\.", text)
    longest, shorter = (float(width) for width in re.findall(r'width="([\d.]+)"', table))
    assert 98 < longest <= 100
    assert shorter == round(0.9 * longest, 2)
    assert len(re.findall("<line ", table)) == 2


def test_equal_models_have_no_fastest(client: FlaskClient) -> None:
    found = session("both", {SLOW: {0: STEADY}, FAST: {0: STEADY}})
    assert "No model is clearly ahead in speed" in client.get(f"/sessions/{found.id}").text


@pytest.mark.parametrize(
    ("knee", "sentence"),
    [(1, "More than 1 user at once gain nothing."), (2, "More than 2 users at once were not tested.")],
)
def test_more_users_gain_nothing_only_if_more_were_tested(client: FlaskClient, knee: int, sentence: str) -> None:
    points = [({"users": users}, [{"aggregateTokensPerSecond": 30.0 * users}]) for users in (1, 2)]
    users = Plan("aggregateTokensPerSecond", points, {"users": [1, 2]}, overall={"kneeUsers": knee})
    found = measured({"decode": decode(*(40.0, 41.0, 42.0) * 2), "concurrency": users})
    text = client.get(f"/sessions/{found.id}").text
    assert sentence in text
    assert ("gain nothing" in text) == (knee == 1)
