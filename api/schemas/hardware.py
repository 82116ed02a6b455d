"""A machine, as its sampler describes it. Bytes and MHz; null is unknown."""

from marshmallow import fields

from api.schemas import Wire


def word() -> fields.String:
    return fields.String(allow_none=True)


def number(unit: str) -> fields.Float:
    return fields.Float(allow_none=True, metadata={"description": unit})


def count(unit: str) -> fields.Integer:
    return fields.Integer(allow_none=True, metadata={"description": unit})


class Cpu(Wire):
    model = word()
    cores = count("physical cores")
    threads = count("logical processors")
    frequency = number("MHz, the highest")
    microcode = word()


class Gpu(Wire):
    model = word()
    driver = word()
    memory = count("bytes")


class Ram(Wire):
    total = count("bytes")
    type = word()
    frequency = number("MHz")


class Storage(Wire):
    """The disk that holds the models."""

    type = word()
    size = count("bytes")


class System(Wire):
    name = word()
    version = word()
    kernel = word()


class Bios(Wire):
    vendor = word()
    version = word()
    date = word()


class Hardware(Wire):
    cpu = fields.Nested(Cpu)
    gpu = fields.List(fields.Nested(Gpu))
    ram = fields.Nested(Ram)
    storage = fields.Nested(Storage)
    os = fields.Nested(System)
    bios = fields.Nested(Bios)
    host = fields.String(metadata={"description": "The name of the machine under test, as in OLLAMA_HOSTS."})
    fingerprint = fields.String(
        metadata={"description": "The same for as long as CPU, GPUs and drivers, RAM and kernel stay what they are."}
    )
