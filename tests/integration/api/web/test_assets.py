import gzip
import re
from urllib.parse import urljoin

from flask.testing import FlaskClient

from api.web.assets import STATIC

IMPORTS = re.compile(r"^(?:import|\}) .*from '([^']+)';|import\('([^']+)'\)", re.MULTILINE)


def source(client: FlaskClient, name: str) -> str:
    found = re.search(rf'"(/assets/[^"]+/{re.escape(name)})"', client.get("/").text)
    assert found is not None
    return found.group(1)


def test_plotly_is_sent_compressed_and_is_kept_for_ever(client: FlaskClient) -> None:
    with client.get(source(client, "vendor/plotly-basic.min.js"), headers={"Accept-Encoding": "gzip, br"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert b"plotly.js (basic" in gzip.decompress(answer.data)[:100]
        assert len(answer.data) < 450_000
        packed = answer.data
    with client.get(source(client, "vendor/plotly-basic.min.js")) as plain:
        assert "Content-Encoding" not in plain.headers
        assert plain.data == gzip.decompress(packed)


def test_scripts_and_styles_are_kept_for_ever_under_their_version(client: FlaskClient) -> None:
    with client.get(source(client, "start.js")) as answer:
        assert answer.mimetype == "text/javascript"
        assert "immutable" in answer.headers["Cache-Control"]


def test_every_script_is_imported_under_the_version_of_the_page(client: FlaskClient) -> None:
    start = source(client, "start.js")
    found, waiting = set[str](), [start]
    while waiting:
        url = waiting.pop()
        if url not in found:
            found.add(url)
            with client.get(url) as answer:
                assert "immutable" in answer.headers["Cache-Control"], url
                imported = IMPORTS.findall(answer.get_data(as_text=True))
            waiting += [urljoin(url, static or dynamic) for static, dynamic in imported]
    names = {url.removeprefix(start.removesuffix("start.js")) for url in found}
    scripts = {str(path.relative_to(STATIC)) for path in STATIC.rglob("*.js")}
    assert names == scripts - {"pages/api-docs.js", "vendor/plotly-basic.min.js"}


def test_every_block_of_a_sheet_ends() -> None:
    """A block without an end takes in the rules that follow it, and those of the next sheet in a report."""
    for sheet in sorted(STATIC.rglob("*.css")):
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
        assert text.count("{") == text.count("}"), sheet.name


def test_what_a_page_of_another_version_asks_for_is_not_kept(client: FlaskClient) -> None:
    with client.get("/assets/000000000000/start.js") as answer:
        assert answer.status_code == 200
        assert "immutable" not in answer.headers["Cache-Control"]


def test_nothing_outside_the_folder_is_served(client: FlaskClient) -> None:
    for name in ("../auth.py", "%2e%2e/auth.py", "nothing.js"):
        assert client.get(f"/assets/0/{name}").status_code == 404
