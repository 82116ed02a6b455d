"""How long a quick look at all models of the first machine takes, from the newest tests there."""

from collections.abc import Iterable
from datetime import timedelta

from api.http.settings import settings
from api.web.pages.layout import resource
from common.catalogue.effort import MINIMUM, Effort
from common.catalogue.presets import PRESETS
from common.catalogue.test_types import TEST_TYPES
from common.store.earlier.durations import durations_of
from common.store.earlier.newest import newest

QUICK_LOOK = PRESETS[0]
MINUTE = timedelta(minutes=1)


@resource.app_template_global()
def quick_look_duration() -> str | None:
    """Return the duration, such as `10 min`. It is None if nothing was measured on the machine."""
    host = next(iter(settings().ollama_hosts))
    parts = [part for test_type in QUICK_LOOK.test_types for part in _of_type(test_type, host)]
    whole = sum(parts, timedelta())
    return f"{max(1, round(whole / MINUTE))} min" if parts else None


def _of_type(test_type: str, host: str) -> Iterable[timedelta]:
    """Yield the expected duration for each model: that of its newest test, scaled to the runs of a quick look."""
    runs = TEST_TYPES[test_type].resolve({}, Effort.QUICK).get(MINIMUM)
    tests = newest.newest(test_type, host=host)
    durations = durations_of(tests)
    for test in tests:
        before = test.options.get(MINIMUM)
        if test.id in durations:
            yield durations[test.id] * (runs / before if runs and before else 1)
