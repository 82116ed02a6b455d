"""Schemas of bodies, parameters and responses (marshmallow): snake_case in Python, camelCase in the API."""

from marshmallow import EXCLUDE, Schema
from marshmallow.fields import Field


class Wire(Schema):
    def on_bind_field(self, field_name: str, field_obj: Field) -> None:  # type: ignore[type-arg] # any field
        head, *tail = field_name.split("_")
        field_obj.data_key = field_obj.data_key or head + "".join(word.capitalize() for word in tail)


class Answer(Wire):
    """A response. Every field is always present and marked so in OpenAPI, except those in `optional`."""

    class Meta:
        unknown = EXCLUDE  # in OpenAPI: clients must accept fields of later versions

    optional: tuple[str, ...] = ()

    def on_bind_field(self, field_name: str, field_obj: Field) -> None:  # type: ignore[type-arg] # any field
        super().on_bind_field(field_name, field_obj)
        field_obj.required = field_name not in self.optional
