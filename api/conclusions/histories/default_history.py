"""Which history is shown if a request leaves that open: the one with the newest finding."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.store.alerts import regressions
from common.store.earlier import history as stored
from common.store.earlier.newest import newest
from common.values.units import model_name


@dataclass(frozen=True)
class Opening:
    """A model and test type, and all `test_types` that the model has completed.

    `host` and `options` are those of the finding, None if there is none or if the request names model and test type.
    """

    model: str
    test_type: str
    test_types: Sequence[str]
    host: str | None = None
    options: str | None = None

    def place(self, host: str | None, options: str | None) -> tuple[str | None, str | None]:
        """Return the host and the options that a request names, or those of the finding if it names neither."""
        return (host, options) if host or options else (self.host, self.options)


def opening(model: str, test_type: str) -> Opening:
    """Return the history of the newest regression that fits the request, an open one if there is one.

    Without a regression, it is the test that completed last. A test type that the model has never completed is replaced
    by that of the same test if it fits, otherwise by the model's first.
    """
    model = model_name(model) if model else ""
    if not (model and test_type):
        found = regressions.newest_finding(model or None, test_type or None)
        types = stored.test_types(found.model) if found else []
        if found and found.test_type in types:
            return Opening(found.model, found.test_type, types, found.host, found.options)
    last_model, last_type = stored.newest() or ("", "")
    model = model or last_model
    types = stored.test_types(model)
    fitting = [name for name in (test_type, last_type, *types) if name in types]
    return Opening(model, next(iter(fitting), test_type), types)


def named(model: str, test_type: str) -> Opening:
    """Return the history that a request names, even if it is empty. Only what it leaves open is chosen."""
    chosen = opening(model, test_type)
    if test_type in {"", chosen.test_type}:
        return chosen
    measured = [] if model else newest.newest(test_type)
    last = max(measured, key=lambda test: test.at, default=None)
    return Opening(last.model if last else chosen.model, test_type, chosen.test_types)
