"""`GET /test-types`: the test types and their options."""

from typing import Any

from api.openapi.resource import Resource
from api.schemas.machines import TestTypes
from common.catalogue.test_types import TEST_TYPES

resource = Resource("test-types", __name__, description="The test types.")


@resource.operation("GET", "/test-types", answer=(200, TestTypes))
def test_types() -> dict[str, Any]:
    """Return the test types with their options."""
    return {"test_types": list(TEST_TYPES.values())}
