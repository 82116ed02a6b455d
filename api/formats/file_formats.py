"""The formats of files with results, with their descriptions for pages and OpenAPI."""

from dataclasses import dataclass

CSV = "text/csv"
JSON_LINES = "application/jsonl"


@dataclass(frozen=True)
class FileFormat:
    """A format. `media_type` is without parameters. `ending` is that of a file's name. `words` say what is in it."""

    name: str
    media_type: str
    ending: str
    title: str
    words: str

    @property
    def content_type(self) -> str:
        """The media type with the encoding of a text."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type


HTML = FileFormat("html", "text/html", "html", "Report as HTML", "one file to read, print or send, with charts")
DOCUMENT = FileFormat(
    "document",
    "application/vnd.gait.session+json",
    "session.json",
    "Whole session",
    "everything with the machine's readings, for the import of another Gait",
)
_JSON = ("json", "application/json", "json")
_TABLES = (
    FileFormat("markdown", "text/markdown", "md", "Table as Markdown", "medians with their intervals, for an issue"),
    FileFormat("csv", CSV, "csv", "Table as CSV", "a row per run or result, for spreadsheets, pandas or DuckDB"),
    FileFormat("jsonl", JSON_LINES, "jsonl", "Table as JSON Lines", "the same table, an object on each line"),
    FileFormat(
        "parquet",
        "application/vnd.apache.parquet",
        "parquet",
        "Table as Parquet",
        "the same table with types and units",
    ),
    FileFormat("benchstat", "text/plain", "bench.txt", "benchstat", "each run, for Go's benchstat old.txt new.txt"),
    FileFormat("llama-bench-csv", CSV, "llama-bench.csv", "llama-bench, CSV", "the columns of llama-bench -o csv"),
    FileFormat(
        "llama-bench-json",
        "application/vnd.llama-bench+json",
        "llama-bench.json",
        "llama-bench, JSON",
        "as llama-bench -o json, with samples",
    ),
    FileFormat(
        "llama-bench-jsonl",
        JSON_LINES,
        "llama-bench.jsonl",
        "llama-bench, JSON Lines",
        "as llama-bench -o jsonl, with samples",
    ),
    FileFormat("llama-bench-sql", "application/sql", "llama-bench.sql", "llama-bench, SQL", "as llama-bench -o sql"),
)
OF_SESSIONS = {
    each.name: each
    for each in (
        HTML,
        DOCUMENT,
        FileFormat(*_JSON, "Everything as JSON", "the session, its metrics, and each run with its time stamps"),
        *_TABLES,
    )
}
OF_METRICS = ("html", "markdown", "json", "document")
"""The formats that a session has whose runs were deleted because it is old. The others consist of runs."""
OF_RESULTS = {each.name: each for each in (FileFormat(*_JSON, "JSON", "results, page by page"), *_TABLES)}


def described(formats: dict[str, FileFormat]) -> str:
    """Return a sentence on each format."""
    return " ".join(f"{name}: {each.words}." for name, each in formats.items())


def media_types(formats: dict[str, FileFormat]) -> dict[str, dict[str, str]]:
    """Return the schemas of the formats that are text or binary, by media type, for OpenAPI."""
    kinds = {each.media_type for each in formats.values()} - {"application/json"}
    return {kind: _schema(kind) for kind in sorted(kinds)}


def _schema(media_type: str) -> dict[str, str]:
    if media_type == "application/vnd.apache.parquet":
        return {"type": "string", "contentMediaType": media_type}
    if media_type == DOCUMENT.media_type:
        return {"type": "object", "description": "A session document, as GET /api/v1/schemas/session-1.json describes."}
    return {"type": "array"} if media_type.endswith("+json") else {"type": "string"}
