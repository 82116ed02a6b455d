"""All verdicts, by name. `worker/verdicts` decides which of them apply, and computes their evidence."""

from common.catalogue.verdicts import on_runs, on_tests
from common.catalogue.verdicts.verdict_type import VerdictType

_DECLARED = [value for module in (on_runs, on_tests) for value in vars(module).values()]

VERDICTS = {declared.name: declared for declared in _DECLARED if isinstance(declared, VerdictType)}
