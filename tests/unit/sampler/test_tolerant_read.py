import pytest

from sampler.tolerant_read import Probe


def test_a_failing_probe_gives_null_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    degrees = iter([1, None, 2, None])

    def read() -> int:
        answer = next(degrees)
        if answer is None:
            raise OSError("unplugged")
        return answer

    probe = Probe("the thermometer", read)
    assert [probe() for _ in range(4)] == [1, None, 2, None]
    assert [record.getMessage() for record in caplog.records] == [
        "the thermometer cannot be read and is left out: OSError: unplugged"
    ]
