"""What travels: bodies, parameters and answers, as marshmallow schemas. snake_case inside, camelCase on the wire."""

from marshmallow import Schema
from marshmallow.fields import Field


class Wire(Schema):
    def on_bind_field(self, field_name: str, field_obj: Field) -> None:  # type: ignore[type-arg] # any field
        head, *tail = field_name.split("_")
        field_obj.data_key = field_obj.data_key or head + "".join(word.capitalize() for word in tail)
