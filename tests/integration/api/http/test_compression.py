"""Large answers are packed for who can unpack them."""

import gzip
import zlib

import pytest
from flask.testing import FlaskClient

from api.http.compression import AS_GZIP
from tests.support.measured import decode, measured


@pytest.mark.parametrize("path", ["/new", "/openapi.json"])
def test_a_large_answer_travels_packed_to_who_can_unpack_it(client: FlaskClient, path: str) -> None:
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip, br"})
    assert plain.content_encoding is None
    assert packed.content_encoding == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.content_length == len(packed.data) < len(plain.data)
    assert "Accept-Encoding" in packed.vary
    assert client.get(path, headers={"Accept-Encoding": "gzip;q=0"}).content_encoding is None


def test_a_page_that_is_made_on_the_way_is_packed_piece_by_piece(client: FlaskClient) -> None:
    path = f"/sessions/{measured({name: decode(40.0, 41.0) for name in ('decode', 'ttft')}).id}"
    packed = client.get(path, headers={"Accept-Encoding": "gzip"}, buffered=False)
    assert packed.content_encoding == "gzip"
    unpacker = zlib.decompressobj(wbits=AS_GZIP)
    pieces = [unpacker.decompress(piece).decode() for piece in packed.iter_encoded()]
    assert unpacker.eof
    assert "".join(pieces) == client.get(path).text
    places = [
        next(n for n, piece in enumerate(pieces) if name in piece) for name in ("<h1>", 'id="test-ttft"', "</html>")
    ]
    assert places[0] < places[1] < places[2]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_file_is_packed_while_it_is_written(client: FlaskClient, form: str) -> None:
    path = f"/api/v1/test-sessions/{measured({'decode': decode(*range(40, 90))}).id}/export?format={form}"
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == client.get(path).data
    assert len(packed.data) < 5000


def test_a_small_page_is_not_packed(client: FlaskClient) -> None:
    answer = client.get("/sessions/00000000-0000-7000-8000-000000000000", headers={"Accept-Encoding": "gzip"})
    assert answer.content_encoding is None
    assert "There is no session" in answer.text
