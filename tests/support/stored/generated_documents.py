"""Random session documents: every field of the declared types, with values that databases keep differently."""

import random
from base64 import b64encode
from collections.abc import Sequence
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import uuid_utils

from api.formats.documents.canonical import canonical
from api.formats.documents.shapes import RunPart, SessionPart, TestPart
from common.catalogue.test_types import TEST_TYPES
from common.machines.fingerprint import digest, fingerprint
from common.records.series import Channel, Series, encode
from testbed.stored.inventory import INVENTORY

TEXTS = ("a", "é ü", "日本語 🦙", "<script>alert(1)</script>", '"quoted" \\ ', "=1+1", "a/b:c", "x" * 200)
NUMBERS = (
    0.0,
    -1.5,
    1e-7,
    5e-324,
    1.7976931348623157e308,
    1e16,
    123456789012345680.0,
    2.0**63,
    2.0**70,
    0.1 + 0.2,
    100.0,
)
INTEGERS = (0, 1, -7, 2**53 + 1, 2**63, -(2**63))
TIMES = ("2026-03-01T12:00:00.000000Z", "1999-12-31T23:59:59.999999Z", "2026-11-27T01:02:03.040506Z")
MODELS = ("tiny:latest", "hf.co/one/two:Q4_K_M", "<b>bold</b>")
RARE = 0.3
MS = 1_772_366_400_000


def document(seed: int) -> bytes:
    """Return a document in its canonical form. Equal seeds have equal documents, but for the id."""
    return _Generator(random.Random(seed)).document()


class _Generator:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def document(self) -> bytes:
        session = self._session()
        cells = [(model["name"], kind) for model in session["models"] for kind in session["testTypes"]]
        tests = [self._test(position, *cell) for position, cell in enumerate(cells)]
        parts: dict[str, Any] = {
            "tests": tests,
            "runs": [self._run(position) for position in range(len(tests))],
            "logs": [{"test": 0, "at": self._time(), "text": self._text() + "\nsecond line"}],
            "readings": [self._readings(number) for number in range(self._chance.randint(0, 2))],
        }
        self._chance.shuffle(parts["runs"])
        lists = [b'"%s":[%s]' % (name.encode(), self._lines(entries)) for name, entries in parts.items()]
        head = b'{"schema":"gait-session/1",\n"session":%s,\n"hardware":%s' % (canonical(session), self._hardware())
        return b",\n".join([head, *lists]) + b"}\n"

    def _lines(self, entries: Sequence[Any]) -> bytes:
        return b"".join((b",\n" if place else b"\n") + canonical(entry) for place, entry in enumerate(entries))

    def _session(self) -> Any:
        names = self._chance.sample(MODELS, self._chance.randint(1, 2))
        kinds = self._chance.sample(sorted(TEST_TYPES), 3 - len(names))
        found = self.value(SessionPart)
        models = [{"name": name, "version": "a", "digest": None, "size": 7, "tags": [self._text()]} for name in names]
        return {**found, "id": str(uuid_utils.uuid7()), "group": None, "models": models, "testTypes": kinds}

    def _hardware(self) -> bytes:
        if self._chance.random() < 0.2:
            return b"null"
        # A database has one inventory for each digest, with the reasons that it saw first.
        known = {**INVENTORY, "storage": None, "cores": self._chance.randint(1, 99)}
        return canonical({"digest": digest(known), "fingerprint": fingerprint(known), "inventory": known})

    def _test(self, position: int, model: str, kind: str) -> Any:
        found = self.value(TestPart)
        completed = self._chance.random() < 0.8
        result = found["result"] or self.value(get_args(get_type_hints(TestPart)["result"])[0])
        result["metrics"] |= {"decodeTokensPerSecond": self._number(), "ramUsage": None}
        state = {"status": "completed" if completed else "error", "result": result if completed else None}
        own = {"position": position, "model": model, "testType": kind, "finishedAt": self._time()}
        return {**found, **own, **state}

    def _run(self, test: int) -> Any:
        point = self._chance.choice([{}, {"promptTokens": 64}, {"load": "one", "share": 0.5}])
        return {**self.value(RunPart), "test": test, "repetition": 1, "conditions": point}

    def _readings(self, number: int) -> Any:
        at = [MS + 1000 * number, MS + 1000 * number + 100]
        series = Series(
            at, {Channel("cpu", "%", 0.1): [5, None]}, {Channel("throttle", "", None, 0): [("heat",), None]}
        )
        return {"start": at[0], "end": at[1], "data": b64encode(encode(series)).decode()}

    def value(self, declared: Any, name: str = "") -> Any:
        """Return a random value of a declared type."""
        if is_typeddict(declared):
            return {field: self.value(hint, field) for field, hint in self._given(declared).items()}
        origin, arguments = get_origin(declared), get_args(declared)
        if origin in (Union, UnionType):
            return self._one_of(arguments, name)
        if origin is Literal:
            return self._chance.choice(arguments)
        if origin in (list, Sequence):
            return [self.value(arguments[0], name) for _ in range(self._chance.randint(0, 2))]
        if origin is dict:
            return {self._text(): self.value(arguments[1]) for _ in range(self._chance.randint(0, 2))}
        return self._plain(declared, name)

    def _given(self, declared: Any) -> dict[str, Any]:
        """Return the fields of a TypedDict, without some of those that it does not require."""
        hints = get_type_hints(declared)
        return {
            name: hints[name] for name in hints if name in declared.__required_keys__ or self._chance.random() < RARE
        }

    def _one_of(self, alternatives: Sequence[Any], name: str) -> Any:
        """Return a value of one alternative. Types that refer to themselves end soon."""
        if NoneType in alternatives and self._chance.random() < 0.4:
            return None
        return self.value(self._chance.choice([each for each in alternatives if each is not NoneType]), name)

    def _plain(self, declared: Any, name: str) -> Any:
        if name == "at" or name.endswith("At"):
            return self._time()
        values: dict[Any, Any] = {str: self._text, float: self._number, int: lambda: self._chance.choice(INTEGERS)}
        values |= {bool: lambda: self._chance.random() < 0.5, Any: lambda: {"any": [self._number(), None]}}
        found = values[declared]()
        return found[:16] if name in ("effort", "version") else found[:60] if name == "ollamaVersion" else found

    def _text(self) -> str:
        return self._chance.choice(TEXTS)

    def _time(self) -> str:
        return self._chance.choice(TIMES)

    def _number(self) -> float:
        return self._chance.choice(NUMBERS)
