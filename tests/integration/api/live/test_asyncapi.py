import pytest
from flask.testing import FlaskClient
from marshmallow import Schema

from api.live.progress import ProgressQuery
from api.live.readings import ReadingsQuery
from common.environment.exposure import Proxies
from tests.integration.api.conftest import NewApp
from tests.support.formats import asyncapi


def test_the_document_is_served_without_a_key_and_names_its_server(new_app: NewApp) -> None:
    client = new_app(api_keys=("key",), forwarded_for=Proxies(count=1)).test_client()
    proxied = {f"X-Forwarded-{name}": value for name, value in (("Proto", "https"), ("Prefix", "/gait"))}
    for headers, own in (
        ({}, {"host": "localhost", "protocol": "ws"}),
        (proxied, {"host": "localhost", "protocol": "wss", "pathname": "/gait"}),
    ):
        answer = client.get("/asyncapi.json", headers=headers)
        server = {**asyncapi.DOCUMENT["servers"]["gait"], **own}
        assert answer.get_json() == {**asyncapi.DOCUMENT, "servers": {"gait": server}}
        assert answer.mimetype == "application/json"


@pytest.mark.parametrize(("channel", "schema"), [("progress", ProgressQuery), ("readings", ReadingsQuery)])
def test_channels_have_the_parameters_of_their_sockets(channel: str, schema: type[Schema], client: FlaskClient) -> None:
    described = asyncapi.DOCUMENT["channels"][channel]
    fields = {field.data_key for field in schema().fields.values()}
    assert described["bindings"]["ws"]["query"]["properties"].keys() == fields
    rules = {rule.rule for rule in client.application.url_map.iter_rules() if rule.websocket}
    assert described["address"] in rules


def test_examples_are_messages_as_described() -> None:
    for message in asyncapi.DOCUMENT["components"]["messages"].values():
        [example] = message["examples"]
        asyncapi.check(message["payload"]["$ref"].rpartition("/")[2], example["payload"])
