"""Schemas of bodies, parameters and responses (marshmallow): snake_case in Python, camelCase in the API."""

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError
from marshmallow.fields import Field

from api.schemas.unknown_names import unknown_name


class Wire(Schema):
    error_messages = {"type": "must be an object"}  # noqa: RUF012 - as in marshmallow

    def on_bind_field(self, field_name: str, field_obj: Field) -> None:  # type: ignore[type-arg] # any field
        head, *tail = field_name.split("_")
        field_obj.data_key = field_obj.data_key or head + "".join(word.capitalize() for word in tail)

    def handle_error(self, error: ValidationError, data: Any, **_: Any) -> None:  # noqa: ANN401, ARG002 - as in marshmallow
        """Name the known fields in the problem with an unknown one. marshmallow calls this before it raises."""
        known = [field.data_key or name for name, field in self.load_fields.items()]
        for name, problems in list(error.messages_dict.items()):
            if problems == [self.error_messages["unknown"]]:
                error.messages_dict[name] = [unknown_name(name, known)]


class Answer(Wire):
    """A response. Every field is always present and marked so in OpenAPI, except those in `optional`."""

    class Meta:
        unknown = EXCLUDE  # in OpenAPI: clients must accept fields of later versions

    optional: tuple[str, ...] = ()

    def on_bind_field(self, field_name: str, field_obj: Field) -> None:  # type: ignore[type-arg] # any field
        super().on_bind_field(field_name, field_obj)
        field_obj.required = field_name not in self.optional
