"""`python -m testbed.openapi_document FILE`: write the OpenAPI document of a server without keys."""

import os
import sys
import tempfile
from pathlib import Path

from api.app import create_app
from common.environment import settings
from testbed.servers.stack import settings_of


def main(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(document())


def document() -> str:
    """Return the document as JSON. The settings and the environment of this process stay as they are."""
    before = dict(os.environ)
    settings.forget()
    try:
        with tempfile.TemporaryDirectory() as folder:
            os.environ.update(settings_of(Path(folder), "redis://127.0.0.1:1", {"local": "http://127.0.0.1:1"}))
            return create_app(settings.settings()).test_client().get("/openapi.json").text
    finally:
        os.environ.clear()
        os.environ.update(before)
        settings.forget()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
