"""Settings of how Gait is reached from outside, and addresses that need a key."""

from dataclasses import replace
from ipaddress import ip_network

import pytest
from marshmallow import ValidationError

from common.environment.exposure import HostNames, Origins, Proxies, TrustedProxies, UrlPrefix
from common.environment.keys.anonymous import refuse_anonymous
from common.environment.settings import settings
from common.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("https://lab.example", ("https://lab.example",)),
        ("HTTPS://Lab.Example:443/, http://lab.example:80", ("https://lab.example", "http://lab.example")),
        ("http://localhost:3000 http://[::1]:3000", ("http://localhost:3000", "http://[::1]:3000")),
        ("https://bücher.example:8443", ("https://xn--bcher-kva.example:8443",)),
        ("chrome-extension://abcdefgh, tauri://localhost", ("chrome-extension://abcdefgh", "tauri://localhost")),
        ("*", ("*",)),
        (" 'https://lab.example' ,", ("https://lab.example",)),
    ],
)
def test_origins_are_written_as_browsers_write_them(text: str, origins: tuple[str, ...]) -> None:
    assert Origins().deserialize(text) == origins


@pytest.mark.parametrize(
    "text", ["lab.example", "https://lab.example/path", "https://*.lab.example", "null", "https://", "https://a:b@c"]
)
def test_other_texts_are_not_origins(text: str) -> None:
    with pytest.raises(ValidationError):
        Origins().deserialize(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("gait.example,.Lab.Example.", ("gait.example", ".lab.example")),
        ("gait.example:8443 [::1]:8000 192.168.1.10", ("gait.example", "::1", "192.168.1.10")),
        ("bücher.example", ("xn--bcher-kva.example",)),
        ("*", ("*",)),
    ],
)
def test_host_names_have_no_port(text: str, names: tuple[str, ...]) -> None:
    assert HostNames().deserialize(text) == names


@pytest.mark.parametrize("text", ["https://gait.example", "gait.example/path", "*.gait.example", "a b/"])
def test_other_texts_are_not_host_names(text: str) -> None:
    with pytest.raises(ValidationError, match="not a host's name"):
        HostNames().deserialize(text)


@pytest.mark.parametrize(
    ("text", "proxies"),
    [
        ("0", Proxies()),
        ("2", Proxies(count=2)),
        ("127.0.0.1", Proxies(networks=(ip_network("127.0.0.1/32"),))),
        ("10.1.2.3/8, ::1", Proxies(networks=(ip_network("10.0.0.0/8"), ip_network("::1/128")))),
    ],
)
def test_proxies_are_counted_or_named(text: str, proxies: Proxies) -> None:
    assert TrustedProxies().deserialize(text) == proxies


@pytest.mark.parametrize("text", ["11", "-1", "*", "nginx", "10.0.0.0/33", "yes"])
def test_other_texts_are_not_proxies(text: str) -> None:
    with pytest.raises(ValidationError, match="number of proxies"):
        TrustedProxies().deserialize(text)


@pytest.mark.parametrize(("text", "prefix"), [("/gait", "/gait"), ("gait/", "/gait"), ("/", ""), ("/a/b/", "/a/b")])
def test_a_prefix_has_a_slash_before_it_alone(text: str, prefix: str) -> None:
    assert UrlPrefix().deserialize(text) == prefix


@pytest.mark.parametrize("text", ["//evil.example", "https://evil.example", "/a b", '/"'])
def test_other_texts_are_not_prefixes(text: str) -> None:
    with pytest.raises(ValidationError, match="Write it as /gait"):
        UrlPrefix().deserialize(text)


@pytest.mark.parametrize(
    ("address", "is_reachable"),
    [
        *((own, False) for own in ("127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1")),
        *((all_, True) for all_ in ("0.0.0.0", "::", "::ffff:0.0.0.0", "192.168.1.10", "fe80::1%eth0")),  # noqa: S104 - nothing is bound
    ],
)
def test_others_need_a_key(address: str, *, is_reachable: bool) -> None:
    without = settings()
    assert not without.needs_key
    if is_reachable:
        with pytest.raises(ConfigurationError, match="GAIT_ALLOW_ANONYMOUS=1"):
            refuse_anonymous([address], without)
    for config in (
        replace(without, api_keys=("key",)),
        replace(without, read_only_keys=("key",)),
        replace(without, allow_anonymous=True),
    ):
        refuse_anonymous([address, "127.0.0.1"], config)
    if not is_reachable:
        refuse_anonymous([address], without)
