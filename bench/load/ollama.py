"""`python -m bench.load.ollama`: a test server at a known pace in its own process. It prints its URL."""

import sys

from testbed.ollama_double import OllamaDouble, Timing

FIRST_MS, EACH_MS = 50, 10


def main() -> None:
    with OllamaDouble(timing=Timing(first=FIRST_MS, each=EACH_MS)) as double:
        print(double.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
