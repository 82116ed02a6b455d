"""`GET /test-types`: the test types and their options."""

from typing import Any

from api.openapi.resource import Resource
from api.schemas.machines.hosts import TestTypes
from common.catalogue.test_types import TEST_TYPES

resource = Resource("test-types", __name__, description="The test types.")


@resource.operation("GET", "/test-types", name="listTestTypes", answer=(200, TestTypes))
def test_types() -> dict[str, Any]:
    """List the test types with their options.

    Each test type answers one question. Its options have defaults and limits.
    """
    return {"test_types": list(TEST_TYPES.values())}
