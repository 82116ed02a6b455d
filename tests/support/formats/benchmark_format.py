"""A strict reader of Go's benchmark format: https://go.dev/design/14313-benchmark-format."""

import re
from collections import defaultdict
from collections.abc import Mapping

CONFIGURATION = re.compile(r"[a-z][^A-Z\s:]*:\s+\S.*")
"""A key in lower case without blanks, a colon, blanks and a value."""
UNIT = re.compile(r"Unit (\S+)((?: [a-z]+=\S+)+)")
NAME = re.compile(r"Benchmark(?![a-z])\S*")
"""What follows the word begins with no lower-case letter."""

Samples = Mapping[tuple[str, str], list[float]]


def samples(text: str) -> Samples:
    """Return all values by name and unit. Each line must be a configuration, a unit, a result or a comment."""
    found: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    units = set()
    for line in text.splitlines():
        if line.startswith("Unit "):
            matched = UNIT.fullmatch(line)
            assert matched, line
            units.add(matched[1])
        elif line.startswith("Benchmark"):
            name, iterations, *pairs = line.split()
            assert NAME.fullmatch(name), line
            assert int(iterations) > 0, line
            assert pairs, line
            assert len(pairs) % 2 == 0, line
            assert len(set(pairs[1::2])) == len(pairs) // 2, line  # a unit stands once
            for value, unit in zip(pairs[::2], pairs[1::2], strict=True):
                found[name, unit].append(float(value))
        else:
            assert line.startswith("#") or CONFIGURATION.fullmatch(line), line
    return found
