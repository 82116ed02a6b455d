"""The procedure that all test types share: test, point, attempt and summary."""
