"""All test types, by name. Each file declares those of one page of `docs/measuring`.

`worker/test_types` has one file per test type, with the procedure of its runs.
"""

from common.catalogue.test_types import cache_and_memory, many_users, one_request

_DECLARED = (*one_request.DECLARED, *cache_and_memory.DECLARED, *many_users.DECLARED)

TEST_TYPES = {test_type.name: test_type for test_type in sorted(_DECLARED, key=lambda declared: declared.name)}
