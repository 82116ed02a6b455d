"""Servers with TLS: trusted certificates, errors for others, and the same timeouts as without TLS."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.environment.timeouts import TimeLimits
from common.errors import OllamaProtocolError, OllamaTimeout, OllamaTLSError, OllamaUnreachable
from common.ollama.client import Ollama
from testbed.ollama_double import OllamaDouble, Script
from testbed.servers.certificate import CERTIFICATE
from worker.ollama.client import Driver, Request

REQUEST = Request("tiny:latest", "123 a prompt", 8, 512)
LIMITS = TimeLimits(first_byte_s=0.3, silence_s=0.3, total_s=0.6)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    file = tmp_path / "certificate.pem"
    file.write_text(CERTIFICATE)
    return file


@pytest.fixture
def secured(certificate: Path) -> Iterator[OllamaDouble]:
    with OllamaDouble(certificate=certificate) as double:
        yield double


@pytest.fixture
def trusting(secured: OllamaDouble, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Driver:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return Driver(Ollama(secured.url), LIMITS)


def test_ssl_cert_file_adds_an_authority(trusting: Driver) -> None:
    assert trusting.server.version() == "0.9.3"
    assert trusting.generate(REQUEST).server.output_tokens == 8


def untrusted(driver: Driver) -> list[str]:
    """Return the error message of each kind of request."""
    messages = []
    for ask in (
        lambda: driver.generate(REQUEST),
        lambda: driver.embed("tiny:latest", ["x"], 512),
        lambda: driver.unload("tiny:latest"),
        driver.server.version,
    ):
        with pytest.raises(OllamaTLSError, match="SSL_CERT_FILE can name your own") as error:
            ask()
        assert not error.value.retry_helps
        messages.append(str(error.value))
    return messages


def test_a_self_signed_certificate_is_not_trusted(secured: OllamaDouble) -> None:
    assert all("self-signed certificate" in message for message in untrusted(Driver(Ollama(secured.url))))
    assert not secured.requests


def test_a_certificate_for_another_name_is_not_trusted(trusting: Driver, secured: OllamaDouble) -> None:
    elsewhere = Driver(Ollama(secured.url.replace("127.0.0.1", "127.1")))  # the same address by another name
    with pytest.raises(OllamaTLSError, match=r"certificate is not valid for '127\.1'"):
        elsewhere.generate(REQUEST)
    assert trusting.generate(REQUEST).done_reason == "length"
    assert len(secured.requests) == 1


def test_a_server_without_tls_differs_from_an_unreachable_one() -> None:
    with OllamaDouble() as plain:
        messages = untrusted(Driver(Ollama(plain.url.replace("http:", "https:"))))
    assert all("http:// if the server has no TLS" in words for words in messages)


def test_unexpected_tls_is_an_error(secured: OllamaDouble) -> None:
    driver = Driver(Ollama(secured.url.replace("https:", "http:")))
    with pytest.raises(
        (OllamaProtocolError, OllamaUnreachable), match=r"https://|closed the connection before it answered"
    ):
        driver.generate(REQUEST)


FAULTS = [
    (Script(at=None, then="hang"), OllamaTimeout, "FIRST_BYTE_TIMEOUT"),
    (Script(at=3, then="hang"), OllamaTimeout, "SILENCE_TIMEOUT"),
    (Script(at=3, then="trickle"), OllamaTimeout, "REQUEST_TIMEOUT"),
    (Script(at=None, then="trickle"), OllamaTimeout, "REQUEST_TIMEOUT"),
    (Script(at=None, then="cut"), OllamaUnreachable, "closed the connection before it answered"),
    (Script(at=3, then="cut"), OllamaProtocolError, "cut its response short"),
    (Script(at=3, then="endless"), OllamaProtocolError, "a line is longer than"),
    (Script(at=3, then="gigabyte"), OllamaProtocolError, "a line is longer than"),
]


@pytest.mark.parametrize(("script", "error", "says"), FAULTS)
def test_faults_are_the_same_as_without_tls(
    trusting: Driver, secured: OllamaDouble, script: Script, error: type[Exception], says: str
) -> None:
    secured.order(script)
    with pytest.raises(error, match=says):
        trusting.generate(REQUEST)
    assert trusting.generate(REQUEST).done_reason == "length"
