"""The hardware of a machine, as described by its sampler. Units are bytes and MHz; unknown values are null."""

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
    frequency = number("MHz, the maximum")
    microcode = word()


class Instance(Wire):
    model = word()
    memory = count("bytes")


class Gpu(Wire):
    model = word()
    driver = word()
    memory = count("bytes that it can use")
    shared = count("bytes of `memory` that are the machine's RAM, as for a GPU inside the processor")
    vendor = fields.String(allow_none=True, metadata={"description": "NVIDIA, AMD or Intel."})
    instances = fields.List(
        fields.Nested(Instance), metadata={"description": "The parts of a partitioned GPU (MIG), else empty."}
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
    """The limits of the sampler, and of an Ollama in the same container. No limit is null."""

    cpus = number("processors, may be a fraction (cgroup, cpuset)")
    memory = count("bytes (cgroup)")
    container = fields.String(allow_none=True, metadata={"description": "The container's runtime, such as docker."})
    hypervisor = fields.String(
        allow_none=True,
        metadata={"description": "The hypervisor of a virtual machine, such as kvm, or `unknown` without a name."},
    )


class CpuPart(Wire):
    model = word()
    cores = count("physical cores")
    threads = count("logical processors")


class GpuPart(Wire):
    model = word()
    memory = count("bytes of its own")
    driver = word()
    instances = fields.List(fields.Nested(Instance), allow_none=True)


class Parts(Wire):
    """The parts that affect measurements."""

    cpu = fields.Nested(CpuPart)
    gpu = fields.List(fields.Nested(GpuPart))
    ram = count("bytes, in whole GiB")
    kernel = word()
    limits = fields.Nested(Limits)


class Fingerprint(Wire):
    id = fields.String(metadata={"description": "Changes when the parts change."})
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
        metadata={
            "description": "Unknown values with the reason.",
            "example": {"cpu energy": "Permission denied: …"},
        },
    )
    host = fields.String(metadata={"description": "The host's name, as in OLLAMA_HOSTS."})
    fingerprint = fields.Nested(Fingerprint)
    digest = fields.String(metadata={"description": "Changes when anything in the inventory changes."})
