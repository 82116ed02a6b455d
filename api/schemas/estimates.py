"""What a session would take."""

from marshmallow import fields

from api.schemas import Wire


class Cell(Wire):
    model = fields.String(data_key="modelName")
    test_type = fields.String()


class Estimates(Wire):
    low = fields.Float(metadata={"description": "ms, of the tests that are known, with the fewest repetitions"})
    high = fields.Float(metadata={"description": "ms, with the most"})
    tests = fields.Integer(metadata={"description": "How many the session has: models times test types."})
    rough = fields.List(
        fields.Nested(Cell), metadata={"description": "Tests that were measured with other options alone."}
    )
    never_measured = fields.List(fields.Nested(Cell), metadata={"description": "Tests that were never measured there."})
