"""The inventory of each host, which its sampler publishes."""

from typing import Any, cast

from marshmallow import INCLUDE, Schema, ValidationError, fields
from redis import Redis

from common.messaging.redis import inventory_of
from common.values.bounded_json import parse_json
from common.values.storable import storable

PARTS = ("cpu", "ram", "storage", "os", "bios", "limits")


class _Value(fields.Field[Any]):
    """A text, a number, a truth value or null."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:  # noqa: ANN401 - as in marshmallow
        if not isinstance(value, str | int | float | bool):
            raise ValidationError("is not a single value")
        return value


_Shape = Schema.from_dict(
    {
        **{part: fields.Dict(fields.String(), _Value(allow_none=True)) for part in PARTS},
        "gpu": fields.List(fields.Dict(fields.String(), fields.Raw(allow_none=True))),
        "missing": fields.Dict(fields.String(), fields.String()),
    }
)
SHAPE = _Shape(unknown=INCLUDE)
"""What readers rely on: `sampler.inventory` has the whole document."""


def published(redis: Redis, host: str) -> dict[str, Any] | None:
    """Return the inventory that the host's sampler published last.

    None means that there is none, or that another program has written something else.
    """
    found = cast("bytes | None", redis.get(inventory_of(host)))
    try:
        return None if found is None else storable(SHAPE.load(parse_json(found)))
    except (ValueError, ValidationError):
        return None
