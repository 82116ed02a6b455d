"""Paths in OpenAPI, from Flask's rules, with names in camelCase as everywhere in the API."""

import re

from flask_smorest.spec.plugins import FlaskPlugin  # type: ignore[import-untyped] # it has no types
from werkzeug.routing import Rule

from common.values.free_json import Json

DESCRIPTIONS = {
    "session_id": "The id of a session.",
    "schedule_id": "The id of a schedule.",
    "regression_id": "The id of a regression.",
    "webhook_id": "The id of a webhook.",
}
"""Descriptions of the parameters in paths."""

WORD = re.compile(r"_(\w)")


class Paths(FlaskPlugin):  # type: ignore[misc] # flask-smorest has no types
    @staticmethod
    def flaskpath2openapi(path: str) -> str:
        """Return the path with names in braces. Only names have underscores."""
        return _camel_case(FlaskPlugin.flaskpath2openapi(path))

    def rule_to_params(self, rule: Rule) -> list[Json]:
        return [
            {**parameter, "name": _camel_case(parameter["name"]), "description": DESCRIPTIONS[parameter["name"]]}
            for parameter in super().rule_to_params(rule)
        ]


def _camel_case(name: str) -> str:
    return WORD.sub(lambda word: word[1].upper(), name)
