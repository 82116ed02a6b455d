"""Sessions that were imported."""

from marshmallow import fields

from api.schemas import Answer
from api.schemas.results import session_id


class Imported(Answer):
    """A session that was imported."""

    session_id = session_id()
    status = fields.String(metadata={"enum": ["imported"]})
    message = fields.String()
