"""Models, hosts, hardware and test types for a terminal."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from cli.rendering.tables import Column, FittedTable, pairs
from cli.rendering.values import local_time, quantity
from common.values.escaped import escaped
from common.values.free_json import Json


def models(document: Json) -> Iterable[RenderableType]:
    columns = [
        Column("Model", folds=20),
        Column("Size", justify="right"),
        Column("Tags", 1, folds=16),
        Column("Changed", 2),
    ]
    rows = [
        (each["name"], quantity(each["size"], "file bytes"), ", ".join(each["tags"]), local_time(each["modified"]))
        for each in document["models"]
    ]
    yield FittedTable(columns, rows) if rows else Text("There are no models. Fetch one, as in: ollama pull llama3.2")


def hosts(document: Json) -> Iterable[RenderableType]:
    columns = [
        Column("Host", folds=12),
        Column("Machine", 2),
        Column("Ollama"),
        Column("Waiting", justify="right"),
        Column("Now", folds=20),
        Column("Sampler", 1),
    ]
    yield FittedTable(columns, map(_host, document["hosts"]))
    for host in document["hosts"]:
        if not host["reachable"]:
            yield Text()
            yield Text(escaped(f"{host['name']}: {host['reason'] or 'no answer'} {host['advice'] or ''}".rstrip()))


def _host(host: Json) -> list[str | None]:
    version = host["version"] or "unknown version" if host["reachable"] else "away"
    sampler = host["sampler"]
    return [host["name"], host["machine"], version, str(host["queue"]["waiting"]), _session(host), _age(sampler)]


def _session(host: Json) -> str:
    session = host["session"]
    if session is None:
        return "free"
    return f"{session['sessionProgress'] or 0:.0f} %: {session['model'] or 'preparing'} {session['testType'] or ''}"


def _age(sampler: Json | None) -> str:
    if sampler is None or sampler["age"] is None:
        return "no readings"
    return f"{quantity(sampler['age'], 'ms')} ago"


def hardware(document: Json) -> Iterable[RenderableType]:
    cpu, ram, storage = document["cpu"], document["ram"], document["storage"]
    system, bios = document["os"], document["bios"]
    name = f"{system['name'] or ''} {system['version'] or ''}".strip()
    yield pairs(
        [
            ("Host", document.get("host")),
            ("Processor", _joined(cpu["model"], _cores(cpu), _known(cpu["frequency"], "MHz"))),
            *(("GPU", gpu) for gpu in [*map(_gpu, document["gpu"])] or ["none found"]),
            ("Memory", _joined(_size(ram["total"]), ram["type"], _known(ram["frequency"], "MHz"))),
            ("Storage", _joined(storage["type"], _known(storage["size"], "file bytes"))),
            ("System", _joined(name, _after("kernel ", system["kernel"]))),
            ("Firmware", _joined(bios["vendor"], bios["version"], bios["date"])),
            ("Limits", _joined(*(f"{name} {value}" for name, value in document["limits"].items() if value))),
            ("Fingerprint", document["fingerprint"]["id"]),
        ]
    )
    if document["missing"]:
        yield Text("\nUnknown here:", style="bold")
        yield pairs(document["missing"].items())


def _gpu(gpu: Json) -> str:
    return _joined(gpu["model"], _size(gpu["memory"]), _after("driver ", gpu["driver"]))


def _size(size: float | None) -> str | None:
    return quantity(size, "bytes") if size else None


def _cores(cpu: Json) -> str | None:
    return f"{cpu['cores']} cores, {cpu['threads']} threads" if cpu["cores"] and cpu["threads"] else None


def _known(value: float | None, unit: str) -> str | None:
    return None if value is None else quantity(value, unit)


def _after(word: str, value: str | None) -> str | None:
    return None if value is None else f"{word}{value}"


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)


def test_types(document: Json) -> Iterable[RenderableType]:
    yield FittedTable(
        [Column("Test type"), Column("What it answers", folds=20)],
        [(each["name"], each["question"]) for each in document["testTypes"]],
    )


def test_type(document: Json) -> Iterable[RenderableType]:
    """Return one test type with its options."""
    yield Text(f"{document['name']}: {document['question']}\n")
    columns = [Column("Option"), Column("Default"), Column("From", 2), Column("To", 2), Column("Meaning", folds=30)]
    yield FittedTable(columns, map(_option, document["options"]))


def _option(option: Json) -> list[str]:
    default = option["default"]
    shown = ",".join(map(str, default)) if isinstance(default, list) else str(default) if default is not None else ""
    meaning = f"{option['description']} ({option['unit']})"
    return [option["name"], shown, str(option["minimum"]), str(option["maximum"]), meaning]
