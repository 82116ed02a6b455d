"""What the duties of a scheduler find in a database of each kind."""

from tests.integration.common.store.conftest import tables

__all__ = ["tables"]
