"""`GET /test-types`: what the workers can test."""

from typing import Any

from api.http.openapi import Resource
from api.schemas.machines import TestTypes
from common.store import sessions

resource = Resource("test-types", __name__, description="What can be tested.")


@resource.operation("GET", "/test-types", answer=(200, TestTypes))
def test_types() -> dict[str, Any]:
    """The test types with their options. Empty before the first worker has started."""
    return {"test_types": [test_type.describe() for test_type in sessions.catalogue().values()]}
