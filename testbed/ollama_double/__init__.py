"""A scriptable Ollama: a real HTTP server whose timing is known and whose faults are ordered.

It says what a real one says (test_contract.py runs on both), generates words at a steady pace, and counts what it was
asked. Faults are `Script`s: each request to generate takes the next one, and is answered well if there is none.
"""

from testbed.ollama_double.double import OllamaDouble
from testbed.ollama_double.scripts import GARBAGE, Script, Timing, error_line
from testbed.ollama_double.simulation import Seen, words_and_digits

__all__ = ["GARBAGE", "OllamaDouble", "Script", "Seen", "Timing", "error_line", "words_and_digits"]
