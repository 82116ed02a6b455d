"""Addresses of Ollama servers, as Ollama reads them, and lists of hosts."""

import pytest

from common.environment.servers.addresses import OllamaHost, ollama_host
from common.environment.servers.hosts import listed, ollama_hosts
from common.environment.variables import Environment
from common.errors import ConfigurationError

LOCAL = "http://127.0.0.1:11434"
LONG = 64 * "a"


@pytest.mark.parametrize(
    ("written", "url"),
    [
        # The table of Ollama's own tests, envconfig/config_test.go, with the address that reaches the server.
        ("", LOCAL),
        ("1.2.3.4", "http://1.2.3.4:11434"),
        (":1234", "http://127.0.0.1:1234"),
        ("1.2.3.4:1234", "http://1.2.3.4:1234"),
        ("example.com", "http://example.com:11434"),
        ("example.com:1234", "http://example.com:1234"),
        (":66000", LOCAL),
        (":-1", LOCAL),
        ("[::1]", "http://[::1]:11434"),
        ("[::]", "http://[::1]:11434"),
        ("::1", "http://[::1]:11434"),
        ("[::1]:1337", "http://[::1]:1337"),
        (" 1.2.3.4 ", "http://1.2.3.4:11434"),
        ('"1.2.3.4"', "http://1.2.3.4:11434"),
        (' " 1.2.3.4 " ', "http://1.2.3.4:11434"),
        ("'1.2.3.4'", "http://1.2.3.4:11434"),
        ("http://1.2.3.4", "http://1.2.3.4:80"),
        ("http://1.2.3.4:4321", "http://1.2.3.4:4321"),
        ("https://1.2.3.4", "https://1.2.3.4:443"),
        ("https://1.2.3.4:4321", "https://1.2.3.4:4321"),
        ("https://example.com/ollama", "https://example.com:443/ollama"),
        ("ollama.com", "https://ollama.com:443"),
        # Further ways of writing an address
        ("h:", "http://h:11434"),
        ("HTTPS://H/", "https://h:443"),
        ("http://h/a/b//", "http://h:80/a/b"),
        ("http://h:99999/a", "http://h:80/a"),
        ("0.0.0.0", LOCAL),  # noqa: S104 - nothing is bound
        ("::", "http://[::1]:11434"),
        ("http://0.0.0.0:1", "http://127.0.0.1:1"),
        ("::ffff:0.0.0.0", LOCAL),
        ("0:0:0:0:0:0:0:1", "http://[::1]:11434"),
        ("[fe80::1%eth0]:1", "http://[fe80::1%eth0]:1"),
        ("bücher.example", "http://xn--bcher-kva.example:11434"),
        ("my_ollama:1", "http://my_ollama:1"),
    ],
)
def test_an_address_is_read_as_by_ollama(written: str, url: str) -> None:
    host, note = ollama_host("OLLAMA_HOST", written)
    assert host == OllamaHost(url)
    assert (note is not None) == any(port in written for port in (":66000", ":-1", ":99999"))


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("ftp://h", "ftp:// is not supported"),
        ("unix:///run/ollama.sock", "unix:// is not supported"),
        ("unix:/run/ollama.sock", "not the beginning of an HTTP address"),
        ("http:/h", "not the beginning of an HTTP address"),
        ("http//h", "not the beginning of an HTTP address"),
        ("//h:8080", "not the beginning of an HTTP address"),
        ("javascript:alert(1)", "its port is not a number"),
        ("h:port", "its port is not a number"),
        (":0", "port 0"),
        ("h?key=s3cret", "query"),
        ("http://h/#s3cret", "fragment"),
        ("http://h/a b", "path"),
        ("h h", "not a name or an IP address"),
        ("a..b", "not a name or an IP address"),
        (LONG, "not a name or an IP address"),
        ("::1:11434", "[IPv6]:port"),
        ("ü h", "international name"),
        ("user:s3/cret@h", "write / in a password as %2F"),
        ("http://user:s3cret@h:x", "'http://***@h:***'"),
        ("http://user:s3cret", "'http://user:***'"),
        ("user:s3cret://x@h", "write / in a password as %2F"),
        ("s3cret@h?a", "'***@h?***'"),
    ],
)
def test_what_is_no_address_is_refused_without_its_secrets(written: str, problem: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        ollama_host("OLLAMA_HOST", written)
    message = str(refused.value)
    assert message.startswith("OLLAMA_HOST: '")
    assert problem in message
    assert "s3cret" not in message
    assert "cret@" not in message


@pytest.mark.parametrize(
    ("written", "header"),
    [
        ("http://h", None),
        ("http://@h", None),
        ("http://user:pw@h", "Basic dXNlcjpwdw=="),
        ("user:pw@h", "Basic dXNlcjpwdw=="),
        ("http://user@h", "Basic dXNlcjo="),
        ("http://user:p%40%2F%3Aw@h", "Basic dXNlcjpwQC86dw=="),
        ("http://user:p@w@h", "Basic dXNlcjpwQHc="),
        ("http://user:p#?w@h", "Basic dXNlcjpwIz93"),
        ("http://user:%C3%BC@h", "Basic dXNlcjrDvA=="),
    ],
)
def test_a_user_and_password_become_a_header(written: str, header: str | None) -> None:
    host, _ = ollama_host("OLLAMA_HOST", written)
    assert (host.url, host.authorization) == (f"http://h:{80 if '://' in written else 11434}", header)
    assert ollama_host("OLLAMA_HOST", host.address)[0].authorization == header
    assert "@" not in repr(host)


@pytest.mark.parametrize(
    ("written", "hosts"),
    [
        ("", {"local": OllamaHost(LOCAL)}),
        (
            "a=10.0.0.1, b_2 = https://g/o/ ,",
            {"a": OllamaHost("http://10.0.0.1:11434"), "b_2": OllamaHost("https://g:443/o")},
        ),
        ("'a=h','b=h:1'", {"a": OllamaHost("http://h:11434"), "b": OllamaHost("http://h:1")}),
        ('"a=h,b=h:1"', {"a": OllamaHost("http://h:11434"), "b": OllamaHost("http://h:1")}),
        ("a='h',b=\"h:1\"", {"a": OllamaHost("http://h:11434"), "b": OllamaHost("http://h:1")}),
        ("a=h,,\n b=h:1\n", {"a": OllamaHost("http://h:11434"), "b": OllamaHost("http://h:1")}),
        ("a=http://u:p,=w@h,b=h", {"a": OllamaHost("http://h:80", "u:p,=w"), "b": OllamaHost("http://h:11434")}),
        (
            "a@desk.lan=h,b=u:p@h",
            {"a": OllamaHost("http://h:11434", "", "desk.lan"), "b": OllamaHost("http://h:11434", "u:p")},
        ),
        ("größer=h", {"größer": OllamaHost("http://h:11434")}),
    ],
)
def test_hosts_are_listed_by_name(written: str, hosts: dict[str, OllamaHost]) -> None:
    assert ollama_hosts(Environment({"OLLAMA_HOSTS": written})) == hosts
    assert ollama_hosts(Environment({"OLLAMA_HOSTS": listed(hosts)})) == hosts


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("rack", "'rack' is not name=url"),
        ("=http://h", "name=url"),
        ("a b=http://h", "name=url"),
        ("a=h,a=h", "unique name"),
        ("a=", "name=url"),
        ("a@=h", "name=url"),
        ("a=h,any=h:1", "cannot be named any"),
        ("All=h", "cannot be named All"),
        ("a=ftp://h", "ftp:// is not supported"),
        ("http://u:s3cret@h", "'http://***@h' is not name=url"),
        ("u:s3=cret@h", "'***@h' is not name=url"),
        ("a=h,a=u:s3cret@h", "'a=***@h' is not name=url"),
        ("a=http://u:s3cret@h:x", "'http://***@h:***' is not an address"),
    ],
)
def test_a_wrong_list_is_refused_without_its_secrets(written: str, problem: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        ollama_hosts(Environment({"OLLAMA_HOSTS": written}))
    message = str(refused.value)
    assert message.startswith("OLLAMA_HOSTS: ")
    assert problem in message
    assert "s3" not in message


def test_the_variable_that_was_read_is_named() -> None:
    environment = Environment({"GAIT_OLLAMA_HOST": "h:70000", "OLLAMA_HOST": "elsewhere"})
    assert ollama_hosts(environment) == {"local": OllamaHost("http://h:11434")}
    assert environment.notes == ["GAIT_OLLAMA_HOST: 70000 is not a port (1 to 65535). As in Ollama, 11434 is used."]
