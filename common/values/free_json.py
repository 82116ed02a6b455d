"""The type of JSON whose shape is free or is another program's: requests and answers of clients, options, evidence."""

from typing import Any

Json = dict[str, Any]
