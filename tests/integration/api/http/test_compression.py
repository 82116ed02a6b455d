"""Compression of large responses."""

import gzip
import zlib

import pytest
from flask.testing import FlaskClient

from api.http.responses.compression import GZIP
from tests.support.stored.measured import decode, measured


@pytest.mark.parametrize("path", ["/new", "/openapi.json"])
def test_a_large_response_is_compressed_for_clients_that_accept_it(client: FlaskClient, path: str) -> None:
    plain = client.get(path)
    compressed = client.get(path, headers={"Accept-Encoding": "gzip, br"})
    assert plain.content_encoding is None
    assert compressed.content_encoding == "gzip"
    assert gzip.decompress(compressed.data) == plain.data
    assert compressed.content_length == len(compressed.data) < len(plain.data)
    assert "Accept-Encoding" in compressed.vary
    assert client.get(path, headers={"Accept-Encoding": "gzip;q=0"}).content_encoding is None


def test_a_streamed_page_is_compressed_chunk_by_chunk(client: FlaskClient) -> None:
    path = f"/sessions/{measured({name: decode(40.0, 41.0) for name in ('decode', 'ttft')}).id}"
    compressed = client.get(path, headers={"Accept-Encoding": "gzip"}, buffered=False)
    assert compressed.content_encoding == "gzip"
    decompressor = zlib.decompressobj(wbits=GZIP)
    pieces = [decompressor.decompress(piece).decode() for piece in compressed.iter_encoded()]
    assert decompressor.eof
    assert "".join(pieces) == client.get(path).text
    places = [
        next(n for n, piece in enumerate(pieces) if name in piece) for name in ("<h1>", 'id="test-ttft"', "</html>")
    ]
    assert places[0] < places[1] < places[2]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_file_is_compressed_while_it_is_written(client: FlaskClient, form: str) -> None:
    path = f"/api/v1/test-sessions/{measured({'decode': decode(*range(40, 90))}).id}/export?format={form}"
    compressed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(compressed.data) == client.get(path).data
    assert len(compressed.data) < 5000


def test_a_small_page_is_not_compressed(client: FlaskClient) -> None:
    answer = client.get("/sessions/00000000-0000-7000-8000-000000000000", headers={"Accept-Encoding": "gzip"})
    assert answer.content_encoding is None
    assert "There is no session" in answer.text
