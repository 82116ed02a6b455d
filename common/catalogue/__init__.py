"""Test types, charts, metrics, readings and verdicts, as data that the API and the worker share."""
