"""A scriptable Ollama: a real HTTP server with known timing and scripted faults.

It answers as a real one does (test_contract.py runs on both), generates words at a steady pace, and records what it was
asked. Faults are `Script`s. Each request to generate takes the next script. Without one it is answered normally.
"""

from testbed.ollama_double.double import OllamaDouble, words_and_digits
from testbed.ollama_double.script import GARBAGE, RecordedRequest, Script, Timing, error_line

__all__ = ["GARBAGE", "OllamaDouble", "RecordedRequest", "Script", "Timing", "error_line", "words_and_digits"]
