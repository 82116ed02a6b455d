"""What travels: bodies, parameters and answers, as marshmallow schemas. snake_case inside, camelCase on the wire."""

from marshmallow import RAISE, Schema
from marshmallow.fields import Field


class Wire(Schema):
    class Meta:
        unknown = RAISE  # as it is by default, but said in OpenAPI only where it stands here

    def on_bind_field(self, field_name: str, field_obj: Field) -> None:  # type: ignore[type-arg] # any field
        head, *tail = field_name.split("_")
        field_obj.data_key = field_obj.data_key or head + "".join(word.capitalize() for word in tail)


class Answer(Wire):
    """Every field is always there, so that OpenAPI can promise it, but those of `sometimes`."""

    sometimes: tuple[str, ...] = ()

    def on_bind_field(self, field_name: str, field_obj: Field) -> None:  # type: ignore[type-arg] # any field
        super().on_bind_field(field_name, field_obj)
        field_obj.required = field_name not in self.sometimes
