"""A scriptable Ollama: a real HTTP server with known timing and scripted faults.

It answers as a real one does (test_contract.py runs on both), generates words at a steady pace, and records its
requests. Faults are `Script`s. Each request to generate takes the next script. Without one it is answered normally.
"""

from testbed.ollama_double.double import OllamaDouble
from testbed.ollama_double.recorded_request import RecordedRequest
from testbed.ollama_double.scripts import GARBAGE, Script, Timing, error_line
from testbed.ollama_double.simulation import words_and_digits

__all__ = ["GARBAGE", "OllamaDouble", "RecordedRequest", "Script", "Timing", "error_line", "words_and_digits"]
