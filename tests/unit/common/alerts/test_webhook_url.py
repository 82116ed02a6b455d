"""Which URLs a webhook may have, and which addresses it may reach."""

from ipaddress import ip_network

import pytest

from common.alerts.forbidden_addresses import forbidden
from common.alerts.webhook_url import check, shortened


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.1:8080", "loopback"),
        ("2130706433", "loopback"),
        ("0177.0.0.1", "loopback"),
        ("0x7f000001", "loopback"),
        ("localhost:5000", "loopback"),
        ("LOCALHOST", "loopback"),
        ("gait.localhost", "loopback"),
        ("0.0.0.0", "unspecified"),  # noqa: S104 - nothing is bound to it
        ("0", "unspecified"),
        ("[::]", "unspecified"),
        ("[::1]", "loopback"),
        ("[0:0:0:0:0:0:0:1]", "loopback"),
        ("[::ffff:127.0.0.1]", "loopback"),
        ("[::ffff:7f00:1]", "loopback"),
        ("[::ffff:0:127.0.0.1]", "loopback"),
        ("[::127.0.0.1]", "loopback"),
        ("[64:ff9b::127.0.0.1]", "loopback"),
        ("[64:ff9b:1::1]", "translated"),
        ("[2002:7f00:1::]", "loopback"),
        ("[2001::1]", "translated"),
        ("[2a00::200:5efe:127.0.0.1]", "loopback"),
        ("[fe80::1]", "link-local"),
        ("[fe80::1%25eth0]", "link-local"),
        ("[fec0::1]", "link-local"),
        ("[::ffff:169.254.169.254]", "link-local"),
        ("169.254.169.254", "link-local"),
        ("[fd00:ec2::254]", "metadata"),
        ("[64:ff9b::100.100.100.200]", "metadata"),
        ("100.100.100.200", "metadata"),
        ("168.63.129.16", "metadata"),
        ("224.0.0.1", "multicast"),
        ("[ff02::1]", "multicast"),
        ("255.255.255.255", "reserved"),
    ],
)
def test_addresses_of_gaits_own_machine_are_refused_however_they_are_written(host: str, kind: str) -> None:
    with pytest.raises(ValueError, match=rf"must not lead to this address \({kind}\)"):
        check(f"http://{host}/hook")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        *((url, "whole URL") for url in ("lab.example", "ftp://lab.example/", "https://", "https:///x", "//a/", "")),
        *(
            (url, "whole URL")
            for url in ("http://a:b/", "http://a:99999/", "http://a:0/", "http://a b/", "http://a\\@b/")
        ),
        *((url, "whole URL") for url in ("http://a/\r\nX: y", "http://[::1/", "http://a/\t", "javascript:alert(1)")),
        ("https://user:pass@lab.example/", "must not have a user"),
        ("https://lab.example@127.0.0.1/", "must not have a user"),
        ("https://lab.example/#x", "must not have a fragment"),
    ],
)
def test_urls_to_which_nothing_can_be_sent_are_refused(url: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        check(url)


@pytest.mark.parametrize(
    "url", ["https://lab.example", "http://10.0.0.7:8123/api/webhook/x?y=z", "http://[fd12::7]/x", "http://172.17.0.1/"]
)
def test_public_and_private_addresses_are_taken(url: str) -> None:
    check(url)


def test_the_operator_can_allow_addresses() -> None:
    allowed = (ip_network("127.0.0.1"), ip_network("fe80::/10"))
    for url in ("http://127.0.0.1:8080/", "http://localhost/", "http://[::ffff:7f00:1]/", "http://[fe80::1%25eth0]/"):
        check(url, allowed)
    for address in ("127.0.0.2", "::1", "169.254.169.254"):
        assert forbidden(address, allowed) is not None


def test_a_shortened_url_has_no_token() -> None:
    assert shortened("https://user:pass@lab.example:8443/hook/t0ken?key=s3cret") == "https://lab.example:8443/…"
