import pytest

from common.errors import ConfigurationError
from common.messaging.redis import connect


@pytest.mark.parametrize(
    "url",
    [
        "redis://",
        "redis://h",
        "redis://h:1/2",
        "redis://:p%40@[::1]:1/0?protocol=3&client_name=x",
        "rediss://u:p@h/0?ssl_cert_reqs=none&ssl_check_hostname=false&ssl_ca_certs=/dev/../etc/passwd",
        "unix:///run/redis.sock?db=2&socket_timeout=2.5",
        "unix://u:p@/run/redis.sock",
    ],
)
def test_urls_that_redis_py_understands_are_taken(url: str) -> None:
    connect(url).close()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("redis://:hunter2@h?foo=1", "'foo' is not an option"),
        ("redis://h?foo=", "'foo' is not an option"),
        ("redis://h?decode_responses=true", "'decode_responses' is not an option"),
        ("redis://h?retry=3", "'retry' is not an option"),
        ("redis://h?connection_class=os.system", "'connection_class' is not an option"),
        ("redis://h?host=other", "'host' is not an option"),
        ("redis://h?ssl_cert_reqs=none", "Options of TLS need rediss://"),
        ("unix:///run/redis.sock?port=1", "'port' is not an option"),
        ("unix://", "the path of the socket is missing"),
        ("redis://h/x", "the database after the last / is not a number"),
        ("redis://h/0/1", "the database after the last / is not a number"),
        ("redis://h/-1", "the database after the last / is not a number"),
        ("redis://h?db=x", "an option has a wrong value"),
        ("redis://h?socket_timeout=hunter2", "an option has a wrong value"),
        ("redis://h?protocol=9", "an option has a wrong value"),
        ("rediss://h?ssl_cert_reqs=hunter2", "an option has a wrong value"),
        ("rediss://h?ssl_ca_certs=/hunter2", "the file of ssl_ca_certs does not exist"),
    ],
)
def test_other_options_are_refused_in_a_sentence_without_their_values(url: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^REDIS_URL: .*{problem}") as refused:
        connect(url)
    assert "hunter2" not in str(refused.value)
