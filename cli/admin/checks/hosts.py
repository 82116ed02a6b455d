"""The Ollama servers under test, all asked at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from cli.admin.checks.finding import Finding, failed, ok, warning
from cli.admin.output import count
from common.environment.servers.addresses import OllamaHost
from common.environment.settings import Settings
from common.errors import OllamaError
from common.ollama.client import Ollama

TIMEOUT_S = 5
SUBJECT = "OLLAMA_HOSTS"


def check(config: Settings) -> Iterator[Finding]:
    hosts = config.ollama_hosts
    with ThreadPoolExecutor(max_workers=max(1, len(hosts))) as pool:
        yield from pool.map(_finding, hosts, hosts.values())


def _finding(name: str, host: OllamaHost) -> Finding:
    try:
        ollama = Ollama.at(host, TIMEOUT_S)
        version, models = ollama.version(), len(ollama.models())
    except OllamaError as error:
        return failed(SUBJECT, f"{name}: {error}")
    if not models:
        return warning(SUBJECT, f"{name}: Ollama {version} has no model. Run ollama pull there.")
    return ok(SUBJECT, f"{name}: Ollama {version}, {count(models, 'model')}")
