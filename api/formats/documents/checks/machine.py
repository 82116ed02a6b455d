"""Checks of the machine of a document, and whether it may stand beside what is stored of machines here.

Digests and fingerprints stay as they are, because earlier releases computed them otherwise.
"""

import re
from collections.abc import Mapping
from typing import Any

from api.formats.documents.canonical import canonical
from api.formats.documents.checks.declared_types import Fault
from api.formats.documents.shapes import HardwarePart
from common.machines import fingerprint
from common.store.tables import Hardware

DIGEST = re.compile(r"[0-9a-f]{8,16}")
"""Those of the first releases are shorter."""
PARTS = ("cpu", "gpu", "ram", "storage", "os", "bios", "limits", "missing")
SCALARS = (str, int, float, bool, type(None))
UNCOMPARED = ("missing",)
"""Parts of an inventory that are not in its digest."""


def check_machine(hardware: HardwarePart) -> None:
    """Check that a machine is described as samplers do.

    Raises:
        Fault: if it is not, or if its digest is that of another inventory here.
    """
    for name in ("digest", "fingerprint"):
        if not DIGEST.fullmatch(str(hardware[name])):
            raise Fault("must be 8 to 16 hexadecimal digits", name)
    for name in PARTS:
        if not _is_part(hardware["inventory"].get(name)):
            raise Fault("must be null, an object, or a list of objects", f"inventory.{name}")
    try:
        fingerprint.digest(hardware["inventory"])
        fingerprint.text(hardware["inventory"])
    except (TypeError, AttributeError, KeyError):
        raise Fault("does not describe a machine as samplers do", "inventory") from None
    _check_known(hardware)


def _is_part(part: object) -> bool:
    if isinstance(part, list):
        return all(isinstance(each, dict) and _is_part(each) for each in part)
    return part is None or (
        isinstance(part, dict) and all(isinstance(each, (*SCALARS, list)) for each in part.values())
    )


def _check_known(hardware: HardwarePart) -> None:
    known = Hardware.get_or_none(Hardware.digest == hardware["digest"])
    if known is None:
        return
    if known.fingerprint != hardware["fingerprint"] or _values(known.inventory) != _values(hardware["inventory"]):
        raise Fault("is that of another inventory here", "digest")


def _values(inventory: Mapping[str, Any]) -> bytes:
    """Return the known values of an inventory in a form that can be compared."""
    return canonical(_without_unknown({name: part for name, part in inventory.items() if name not in UNCOMPARED}))


def _without_unknown(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {name: _without_unknown(each) for name, each in value.items() if each is not None}
    return [_without_unknown(each) for each in value] if isinstance(value, list) else value
