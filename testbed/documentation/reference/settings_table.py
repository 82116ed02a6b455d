"""The table of the settings."""

from common.environment.documented_settings import SETTINGS
from testbed.documentation.reference.markdown import code, table


def settings() -> str:
    """Return a row for each entry of the catalogue."""
    head = ("name", "default", "meaning", "read by")
    return table(
        head, [(code(*each.names), each.default, each.meaning, ", ".join(each.readers) or "all") for each in SETTINGS]
    )
