"""Tests of other sessions near a test, and which of them were measured under the same conditions."""
