"""The hardware of a machine, as described by its sampler. Units are bytes and MHz. Unknown values are null.

Values that an earlier version did not read are null in the inventories that it stored.
"""

from marshmallow import Schema, fields

from api.schemas import Answer


def word(description: str | None = None) -> fields.String:
    metadata = {"description": description} if description else {}
    return fields.String(allow_none=True, dump_default=None, metadata=metadata)


def number(unit: str) -> fields.Float:
    return fields.Float(allow_none=True, dump_default=None, metadata={"description": unit})


def count(unit: str) -> fields.Integer:
    return fields.Integer(allow_none=True, dump_default=None, metadata={"description": unit})


def part(schema: type[Schema]) -> fields.Nested:
    """Return a field for an object that is always there, if need be with unknown values."""
    return fields.Nested(schema, dump_default=dict)


class Cpu(Answer):
    """The processors."""

    model = word()
    cores = count("physical cores")
    threads = count("logical processors")
    frequency = number("MHz, the maximum")
    microcode = word()


class Instance(Answer):
    """A part of a partitioned GPU (MIG)."""

    model = word()
    memory = count("bytes")


class Gpu(Answer):
    """A GPU."""

    model = word()
    driver = word()
    memory = count("bytes that it can use")
    shared = count("bytes of `memory` that are the machine's RAM, as for a GPU inside the processor")
    vendor = word("NVIDIA, AMD or Intel.")
    instances = fields.List(
        fields.Nested(Instance),
        dump_default=list,
        metadata={"description": "The parts of a partitioned GPU (MIG), else empty."},
    )


class Ram(Answer):
    """The memory."""

    total = count("bytes")
    type = word()
    frequency = number("MHz")


class Storage(Answer):
    """The disk that holds the models."""

    type = word()
    size = count("bytes")


class System(Answer):
    """The operating system."""

    name = word()
    version = word()
    kernel = word()


class Bios(Answer):
    """The firmware."""

    vendor = word()
    version = word()
    date = word()


class Limits(Answer):
    """The limits of the sampler, and of an Ollama in the same container. No limit is null."""

    cpus = number("processors, may be a fraction (cgroup, cpuset)")
    memory = count("bytes (cgroup)")
    container = word("The container's runtime, such as docker.")
    hypervisor = word("The hypervisor of a virtual machine, such as kvm, or `unknown` without a name.")


class CpuPart(Answer):
    """The processors, as far as they affect measurements."""

    model = word()
    cores = count("physical cores")
    threads = count("logical processors")


class GpuPart(Answer):
    """A GPU, as far as it affects measurements."""

    model = word()
    memory = count("bytes of its own")
    driver = word()
    instances = fields.List(fields.Nested(Instance), allow_none=True, dump_default=None)


class Parts(Answer):
    """The parts that affect measurements."""

    cpu = part(CpuPart)
    gpu = fields.List(fields.Nested(GpuPart))
    ram = count("bytes, in whole GiB")
    kernel = word()
    limits = part(Limits)


class Fingerprint(Answer):
    """The identity of a machine."""

    id = fields.String(metadata={"description": "Changes when the parts change."})
    parts = part(Parts)


class Hardware(Answer):
    """The hardware of a host's machine."""

    cpu = part(Cpu)
    gpu = fields.List(fields.Nested(Gpu), dump_default=list)
    ram = part(Ram)
    storage = part(Storage)
    os = part(System)
    bios = part(Bios)
    limits = part(Limits)
    missing = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        dump_default=dict,
        metadata={
            "description": "Unknown values with the reason.",
            "example": {"cpu energy": "Permission denied: …"},
        },
    )
    host = fields.String(metadata={"description": "The host's name, as in OLLAMA_HOSTS."})
    fingerprint = fields.Nested(Fingerprint)
    digest = fields.String(metadata={"description": "Changes when anything in the inventory changes."})
