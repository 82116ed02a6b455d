"""All test types, by name. Each file declares those of one page of `docs/measuring`.

`worker/test_types` has one file per test type, with the procedure of its runs.
"""

from collections.abc import Mapping
from itertools import chain

from common.catalogue.test_type import TestType
from common.catalogue.test_types import cache_and_memory, many_users, one_request

GROUPS: Mapping[str, tuple[TestType, ...]] = {
    "One answer at a time": one_request.DECLARED,
    "Memory and cache": cache_and_memory.DECLARED,
    "Many users": many_users.DECLARED,
}
"""The test types by what they are about, in the order in which one would measure them."""
TEST_TYPES = {test_type.name: test_type for test_type in sorted(chain(*GROUPS.values()), key=lambda each: each.name)}
