"""Declarations of routes, with their parameters and all their statuses, from which the OpenAPI document is made."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, TypeVar

import flask_smorest  # type: ignore[import-untyped] # it has no types
from apispec import APISpec
from flask import Flask
from marshmallow import Schema

from api.http.cross_site import SAFE_METHODS
from api.http.parser import PARSER
from api.openapi.document import Api
from common.free_json import Json

View = TypeVar("View", bound=Callable[..., Any])

ALWAYS = (HTTPStatus.INTERNAL_SERVER_ERROR,)
WITH_KEY = (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
WITH_BODY = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


class Resource(flask_smorest.Blueprint):  # type: ignore[misc] # flask-smorest has no types
    """A group of routes."""

    ARGUMENTS_PARSER = PARSER

    def register_views_in_doc(self, api: Api, app: Flask, spec: APISpec, *, name: str, **others: Any) -> None:  # noqa: ANN401 - passed on
        """Give each operation the id of its Flask endpoint, which links need."""
        for endpoint, methods in self._docs.items():
            for described in (methods[method] for method in methods if method != "parameters"):
                described.setdefault("manual_doc", {})["operationId"] = f"{name}.{endpoint}"
        super().register_views_in_doc(api, app, spec, name=name, **others)

    def operation(  # noqa: PLR0913 - the parts of a route
        self,
        method: str,
        path: str,
        *,
        answer: tuple[int, type[Schema] | None],
        query: type[Schema] | None = None,
        headers: type[Schema] | None = None,
        body: type[Schema] | None = None,
        failures: Iterable[int] = (),
        public: bool = False,
        answer_headers: Json | None = None,
        links: Json | None = None,
    ) -> Callable[[View], View]:
        """Declare a route. The view receives the declared query, headers and body, in this order.

        `failures` are the statuses that only this route has. A `public` route needs no key: see api/http/auth.py.
        `answer_headers` and `links` are those of the success, as in OpenAPI.
        """
        statuses = {*ALWAYS, *failures, *(() if public else WITH_KEY), *(WITH_BODY if body else ())}
        if method not in SAFE_METHODS:
            statuses.add(HTTPStatus.FORBIDDEN)

        def declare(function: View) -> View:
            view = self.response(*answer, headers=answer_headers)(function)
            view = self.doc(responses={str(answer[0]): {"links": links}})(view) if links else view
            for status in sorted(statuses):
                view = self.alt_response(status, HTTPStatus(status).name)(view)
            for location, schema in (("json", body), ("headers", headers), ("query", query)):
                view = self.arguments(schema, location=location)(view) if schema else view
            self.route(path, methods=[method])(self.doc(security=[])(view) if public else view)
            return function

        return declare
