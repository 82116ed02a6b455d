"""Some hundred requests generated from the OpenAPI document. `make fuzz` sends thousands."""

from pathlib import Path

import pytest

from bench.fuzz.run import fuzz
from bench.fuzz.setup import fuzz_setup

EXAMPLES, STEP, SEED = 2, 5, 2026


@pytest.mark.slow
def test_generated_requests_find_no_failure(tmp_path: Path) -> None:
    with fuzz_setup() as api:
        found = fuzz(api, EXAMPLES, SEED, tmp_path, step=STEP)
    assert (found.failures, found.server_errors, found.traces) == (0, 0, 0)
    assert found.cases > 200
    assert found.sessions > 0
    assert {200, 202, 400, 401, 404, 405, 409, 415, 422} <= set(found.statuses)
