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


class Instance(Wire):
    model = word()
    memory = count("bytes")


class Gpu(Wire):
    model = word()
    driver = word()
    memory = count("bytes")
    vendor = fields.String(allow_none=True, metadata={"description": "NVIDIA, AMD or Intel."})
    instances = fields.List(
        fields.Nested(Instance), metadata={"description": "The parts of one that is divided (MIG); else empty."}
    )


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


class Limits(Wire):
    """What the sampler, and an Ollama beside it, may use of the machine; null where there is no limit."""

    cpus = number("processors, or a part of one (cgroup, cpuset)")
    memory = count("bytes (cgroup)")
    container = fields.String(allow_none=True, metadata={"description": "The container's runtime, such as docker."})
    hypervisor = fields.String(
        allow_none=True,
        metadata={"description": "Of a virtual machine, such as kvm; `unknown` where it hides its name."},
    )


class CpuPart(Wire):
    model = word()
    cores = count("physical cores")
    threads = count("logical processors")


class GpuPart(Wire):
    model = word()
    memory = count("bytes")
    driver = word()
    instances = fields.List(fields.Nested(Instance), allow_none=True)


class Parts(Wire):
    """What changes a measurement."""

    cpu = fields.Nested(CpuPart)
    gpu = fields.List(fields.Nested(GpuPart))
    ram = count("bytes, in whole GiB")
    kernel = word()
    limits = fields.Nested(Limits)


class Fingerprint(Wire):
    id = fields.String(metadata={"description": "The same for as long as the parts stay what they are."})
    parts = fields.Nested(Parts)


class Hardware(Wire):
    cpu = fields.Nested(Cpu)
    gpu = fields.List(fields.Nested(Gpu))
    ram = fields.Nested(Ram)
    storage = fields.Nested(Storage)
    os = fields.Nested(System)
    bios = fields.Nested(Bios)
    limits = fields.Nested(Limits)
    missing = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "What is not known, and why.", "example": {"cpu energy": "Permission denied: …"}},
    )
    host = fields.String(metadata={"description": "The name of the machine under test, as in OLLAMA_HOSTS."})
    fingerprint = fields.Nested(Fingerprint)
