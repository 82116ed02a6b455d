"""The files that a session's page offers: those that most people want first, then those of other tools."""

from api.formats.file_formats import OF_METRICS, OF_SESSIONS, FileFormat
from api.web.pages.layout import resource
from common.store.tables import Session, Status

FIRST = ("html", "markdown", "csv", "parquet", "json", "document")


@resource.app_template_global()
def downloads(session: Session) -> tuple[list[FileFormat], list[FileFormat]]:
    """Return the formats in which a session can be downloaded: the first ones, and those for other tools."""
    known = [
        name
        for name in (*FIRST, *OF_SESSIONS)
        if (session.pruned_at is None or name in OF_METRICS)
        and (session.status != Status.RUNNING or name != "document")
    ]
    formats = [OF_SESSIONS[name] for name in dict.fromkeys(known)]
    return [each for each in formats if each.name in FIRST], [each for each in formats if each.name not in FIRST]
