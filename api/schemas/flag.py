"""Flags in bodies."""

from typing import Any

from marshmallow import fields


class Flag(fields.Boolean):
    """`true` or `false`, and no other spelling."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> bool:  # noqa: ANN401 - as in marshmallow
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return bool(super()._deserialize(value, attr, data, **options))
