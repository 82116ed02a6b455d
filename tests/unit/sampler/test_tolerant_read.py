import pytest

from sampler.tolerant_read import TolerantRead


def test_a_failing_read_gives_null_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    degrees = iter([1, None, 2, None])

    def read() -> int:
        value = next(degrees)
        if value is None:
            raise OSError("unplugged")
        return value

    tolerant = TolerantRead("the thermometer", read)
    assert [tolerant() for _ in range(4)] == [1, None, 2, None]
    assert [record.getMessage() for record in caplog.records] == [
        "the thermometer cannot be read and is left out: OSError: unplugged"
    ]
