"""Declarations of routes, with their parameters and all their statuses, from which the OpenAPI document is made."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

import flask_smorest  # type: ignore[import-untyped] # it has no types
from apispec import APISpec
from flask import Flask
from marshmallow import Schema

from api.http.requests.parser import PARSER
from api.openapi import examples
from api.openapi.document import Api
from api.openapi.failures import own_message, response
from common.values.free_json import Json

JSON = "application/json"

View = TypeVar("View", bound=Callable[..., Any])
Content = Mapping[str, type[Schema] | Json]
"""Schemas by media type, of an answer that has several or is not JSON."""

ALWAYS = (HTTPStatus.INTERNAL_SERVER_ERROR,)
WITH_KEY = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
WITH_BODY = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


class NoParameters(Schema):
    """The query of a route that has no parameters, which refuses all."""

    error_messages = {"unknown": "is unknown. None are known here."}  # noqa: RUF012 - as in marshmallow


class Resource(flask_smorest.Blueprint):  # type: ignore[misc] # flask-smorest has no types
    """A group of routes."""

    ARGUMENTS_PARSER = PARSER

    def register_views_in_doc(self, api: Api, app: Flask, spec: APISpec, **others: Any) -> None:  # noqa: ANN401 - passed on
        api.describe_later(lambda: self._describe(api, app, spec, **others))

    def _describe(self, api: Api, app: Flask, spec: APISpec, **others: Any) -> None:  # noqa: ANN401 - passed on
        """Key the manual responses by number, as flask-smorest does, or they would replace its own."""
        for methods in self._docs.values():
            for described in (methods[method] for method in methods if method != "parameters"):
                manual = described.get("manual_doc", {})
                if "responses" in manual:
                    manual["responses"] = {int(status): answer for status, answer in manual["responses"].items()}
        super().register_views_in_doc(api, app, spec, **others)

    def operation(  # noqa: PLR0913 - the parts of a route
        self,
        method: str,
        path: str,
        *,
        name: str,
        answer: tuple[int, type[Schema] | None],
        returns: str | None = None,
        content: Content | None = None,
        query: type[Schema] | None = None,
        headers: type[Schema] | None = None,
        body: type[Schema] | None = None,
        upload: Content | None = None,
        failures: Iterable[int] = (),
        public: bool = False,
        answer_headers: Json | None = None,
        links: Json | None = None,
    ) -> Callable[[View], View]:
        """Declare a route. The view receives the declared query, headers and body, in this order.

        `name` is the operation's id, which names functions of generated clients and the file with its examples.
        `returns` describes the success. By default, the docstring of its schema does. `failures` are the statuses that
        only this route has. The view reads an `upload` itself, while it arrives. A `public` route needs no key: see
        api/http/access/auth.py. `content` is that of a success that the view returns as a response. `answer_headers`
        and `links` are those of the success, as in OpenAPI.
        """
        status, schema = answer
        statuses = {*ALWAYS, *failures, *(() if public else WITH_KEY), *(WITH_BODY if body or upload else ())}
        success = _success(name, schema, returns, content, headers=answer_headers, links=links)
        messages = {failure: own_message(name, path, failure) for failure in sorted(statuses)}

        def declare(function: View) -> View:
            view = self.response(status, schema)(function)
            view = self._asked(view, name, {"json": body, "headers": headers, "query": query})
            if not (query or public):
                view = self.arguments(NoParameters, location="query", as_kwargs=True)(view)
            view = self._answered(view, name, {status: success}, messages, upload)
            self.route(path, methods=[method])(self.doc(security=[])(view) if public else view)
            return function

        return declare

    def _answered(
        self, view: View, name: str, success: dict[int, Json], messages: dict[int, str | None], upload: Content | None
    ) -> View:
        """Declare the answers of a route. A failure without a message of its own has that of all routes.

        Call it last: whatever is declared afterwards copies all examples.
        """
        described = {failure: response(failure, message) for failure, message in messages.items() if message}
        describe: Callable[[View], View]
        describe = self.doc(operationId=name, responses=success | described, **_uploaded(name, upload))
        for failure in messages.keys() - described.keys():
            view = self.alt_response(failure, HTTPStatus(failure).name)(view)
        return describe(view)

    def _asked(self, view: View, name: str, schemas: Mapping[str, type[Schema] | None]) -> View:
        """Declare what a route takes, by its location."""
        for location, schema in schemas.items():
            example = examples.request(name) if location == "json" else None
            view = self.arguments(schema, location=location, example=example)(view) if schema else view
        return view


def _success(
    name: str, schema: type[Schema] | None, returns: str | None, content: Content | None, **others: Json | None
) -> Json:
    """Return the description, examples and `others` of an answer, in which parts that are None are left out."""
    schemas = content or ({JSON: schema} if schema else {})
    described = {kind: _with_example(name, kind, each) for kind, each in schemas.items()}
    found = {
        "description": returns or (inspect.getdoc(schema) if schema else ""),
        "content": described or None,
        **others,
    }
    return {part: value for part, value in found.items() if value is not None}


def _uploaded(name: str, upload: Content | None) -> Json:
    """Return the description of a body that the view reads itself."""
    example = examples.request(name)
    content = {kind: {"schema": schema, "example": example} for kind, schema in (upload or {}).items()}
    return {"requestBody": {"required": True, "content": content}} if upload else {}


def _with_example(name: str, kind: str, schema: type[Schema] | Json) -> Json:
    example = examples.answer(name, kind)
    return {"schema": schema} if example is None else {"schema": schema, "example": example}
