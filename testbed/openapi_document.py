"""`python -m testbed.openapi_document FILE`: write the OpenAPI document of a server without keys."""

import os
import sys
import tempfile
from pathlib import Path

from api.app import create_app
from common.environment.settings import settings
from testbed.stack import settings_of


def main(file: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(settings_of(Path(folder), "redis://127.0.0.1:1", {"local": "http://127.0.0.1:1"}))
        document = create_app(settings()).test_client().get("/openapi.json").text
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(document)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
