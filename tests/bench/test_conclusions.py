"""The error rates of conclusions: promises, and the tables with few simulated cases."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.conclusions import __main__ as conclusions
from bench.conclusions import document
from bench.conclusions.document import SIMULATED
from bench.conclusions.end_to_end import sessions
from bench.conclusions.share import Ratio, Share
from bench.conclusions.simulated.rates import OpenServer
from bench.conclusions.table import Row, Table
from bench.conclusions.tables import TABLES


@pytest.mark.parametrize(
    ("share", "broken"),
    [
        (Share(1, 100, at_most=0.01), False),
        (Share(5, 100, at_most=0.01), False),  # by chance in 0.3 % of tables
        (Share(6, 100, at_most=0.01), True),  # in 0.05 %
        (Share(60, 1000, at_most=0.05), False),
        (Share(80, 1000, at_most=0.05), True),
        (Share(80, 1000), False),
        (Share(935, 1000, at_least=0.95), False),
        (Share(925, 1000, at_least=0.95), True),
        (Share(99, 100, at_least=1.0), True),
        (Share(100, 100, at_least=1.0), False),
        (Share(0, 0, at_least=0.95), False),
        (Ratio(0.53, error=0.01, at_most=0.5), False),
        (Ratio(0.54, error=0.01, at_most=0.5), True),
    ],
)
def test_a_promise_is_broken_by_more_than_chance(share: Share | Ratio, broken: bool) -> None:  # noqa: FBT001 - of the table
    assert share.is_broken == broken
    assert ("broken" in str(share)) == broken


def test_few_cases_of_each_table_break_no_promise(capsys: pytest.CaptureFixture[str]) -> None:
    assert not conclusions.simulate(TABLES, quick=True)
    shown, quick = capsys.readouterr().out, [table for table in TABLES if not table.slow]
    assert [line for line in shown.splitlines() if line[:1] == "#"] == [f"### {table.title}" for table in quick]


def test_the_rate_of_queueing_theory_is_that_of_a_long_simulation() -> None:
    server = OpenServer(slots=4, service_s=0.35, noise=None)
    theory = server.true_rate(0)
    assert theory == pytest.approx(8.89, rel=0.01)
    assert server.long_run(20_000)(theory) == pytest.approx(0.95, abs=0.02)


def test_a_broken_promise_is_noticed_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(cases: int) -> Iterator[Row]:
        yield "noise", "wrong"
        yield "none", Share(0, cases, at_most=0.05)
        yield "much", Share(cases, cases, at_most=0.05)

    page = tmp_path / "page.md"
    page.write_text("before\n<!-- simulated -->\nold\n<!-- end of simulated -->\nafter\n")
    monkeypatch.setattr(conclusions, "PAGE", page)
    assert conclusions.simulate([Table("Title", "Explanation.", "few.", rows, 20)], quick=False)
    row = "| much | **100.0 %, broken** |\n\nPromised: few. **Rows that break this: 1.**\n"
    before, written, after = page.read_text().partition(row)
    assert SIMULATED in before
    assert written
    assert "old" not in before + after
    assert after.endswith("after\n")


@pytest.mark.parametrize("title", ["First", "Second"])
def test_one_table_is_replaced_alone(tmp_path: Path, title: str) -> None:
    def rows(cases: int) -> Iterator[Row]:
        yield "cases", str(cases)

    first, second = (Table(title, "Explanation.", "", rows, 1).measure() for title in ("First", "Second"))
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- simulated -->\n<!-- end of simulated -->\nafter\n")
    document.write(page, SIMULATED, [first, second], "Remark.")
    written = page.read_text()
    page.write_text(written.replace(f"### {title}\n\nExplanation.", f"### {title}\n\nOld."))
    document.replace(page, SIMULATED, {"First": first, "Second": second}[title])
    assert page.read_text() == written


@pytest.mark.parametrize(("pairs", "equal", "slower"), [(100, 100, 50), (45, 45, 22 + 3), (1, 5, 0)])
def test_pairs_are_in_groups_of_ten_or_as_many_as_show_a_spread(pairs: int, equal: int, slower: int) -> None:
    counted = Counter[float]()
    for group in sessions.groups(pairs):
        counted[group.slower] += group.sessions
        assert sessions.MIN_SESSIONS <= group.sessions <= sessions.LENGTH
    assert counted == {by: count for by, count in [(0.0, equal), (2.0, slower), (3.0, slower), (5.0, slower)] if count}
