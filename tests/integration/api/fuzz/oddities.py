"""Values that have broken servers, and strategies with them."""

from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

WORDS = (
    "",
    " ",
    ",",
    ",,,",
    "\0",
    "a\0b",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "\u2028",
    "\ufeff",
    "\ufffe",
    "\U0010ffff",
    "é",
    "e\u0301" * 50,
    "\u202eright to left",
    "שלום",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "𝕋",  # noqa: RUF001 - one of four bytes
    "İıſ",  # changes length or letter between cases
    "x" * 10_000,
    "' OR 1=1 --",
    '"; DROP TABLE session; --',
    "%",
    "_",
    "\\",
    "\\\\",
    "%%'\\",
    "${7*7}{{7*7}}",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "null",
    "None",
    "true",
    "[]",
    "{}",
)
NUMBERS = (
    "0",
    "-0",
    "-1",
    "1.0",
    "1e3",
    "1e999",
    "1e-999",
    "1" + "0" * 400,
    "9" * 5000,
    "2147483648",
    "9223372036854775808",
    "18446744073709551616",
    "NaN",
    "Infinity",
    "-inf",
    "0x10",
    "1_000",
    "１２",  # noqa: RUF001 - these are digits to Python
    "٣",
    " 7 ",
    "+7",
    "1,2",
)
TIMES = (
    "0001-01-01",
    "9999-12-31",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.999999-12:00",
    "1969-12-31T23:59:59.999Z",
    "2016-12-31T23:59:60Z",
    "2026-03-29T02:30:00+01:00",
    "2026-01-01T00:00:00-00:00",
    "2026-01-01T00:00:00+23:59",
    "2026-01-01T00:00:00+24:00",
    "2026-01-01T00:00:00+05:45:30.123456",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:00:00.1234567890123Z",
    "2026-01-01 00:00:00",
    "2026-01-01T00:00:00 00:00",
    "2026-01-01T00:00:00Z[Europe/Berlin]",
    "2026-02-30",
    "0000-00-00",
    "-0001-01-01",
    "+12026-01-01",
    "2026-W01-1",
    "20260101T000000Z",
    "1767225600",
    "yesterday",
)
IDS = (
    "00000000-0000-0000-0000-000000000000",
    "01a209d2d221741c84d038c0f996e1b8",
    "urn:uuid:x",
    "{x}",
    "%00",
    "..",
    "é",
)

RAW = ("%", "%zz", "%ff%fe", "%c0%80", "%ed%a0%80", "%00", "+", "%2B", "a=b", "=", "&", ";", "#", "%25%30%30")
"""Their encoding in a URL."""

written = st.sampled_from(WORDS + NUMBERS + TIMES + IDS) | st.text(max_size=30)
in_a_url = st.sampled_from(RAW) | (
    (written.map(lambda word: word.encode("utf-8", "surrogatepass")) | st.binary(max_size=20)).map(quote_from_bytes)
)
"""An encoded value of a query."""

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, -1, 2**31, 2**63, 2**64, 10**30, 1.5, 1e308, -0.0])
    | st.floats(allow_nan=False, allow_infinity=False)
    | written
    | st.text(st.characters(codec=None), max_size=10)
)
anything = st.recursive(
    scalars, lambda part: st.lists(part, max_size=4) | st.dictionaries(written, part, max_size=4), max_leaves=8
)
"""Any JSON value, including surrogates."""


def query(names: list[str]) -> st.SearchStrategy[str]:
    """Return a query string of these and unknown parameters, each possibly repeated."""
    name = st.sampled_from(names).map(lambda known: quote_from_bytes(known.encode())) if names else in_a_url
    pairs = st.tuples(name | name | name | in_a_url, in_a_url).map("=".join)
    return st.lists(pairs | in_a_url, max_size=5).map("&".join)
