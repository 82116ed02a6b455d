"""The JSON Schema of session documents, as docs/reference/session-schema.md has it."""

import json

from api.formats.documents.json_schema import document_schema


def schema() -> str:
    """Return the schema as a block of JSON."""
    return f"```json\n{json.dumps(document_schema(), indent=2)}\n```"
