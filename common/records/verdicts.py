"""A verdict as JSON."""

from typing import Literal, NotRequired, TypedDict

from common.catalogue.test_type import Point
from common.values.free_json import Json


class VerdictRecord(TypedDict):
    """A verdict on a test or on a run.

    `evidence` holds the numbers behind it, in the units of the API. `point` is empty for the test as a whole. Verdicts
    on runs have in a test's metrics and in its own verdicts the `repetitions` of the runs that they are on.
    """

    name: str
    severity: Literal["rejects", "flags"]
    evidence: Json
    advice: str
    point: Point
    repetitions: NotRequired[list[int]]
