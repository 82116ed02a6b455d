"""One file per test type, with the procedure of its runs. Importing this package registers them all."""

import importlib
import pkgutil

from common.catalogue.test_types import TEST_TYPES
from worker.workload.test_type import WORKLOADS

for module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{module.name}")

if missing := TEST_TYPES.keys() - WORKLOADS.keys():
    raise ImportError(f"no file in worker/test_types implements {', '.join(sorted(missing))}")
