"""The procedure that all test types share: test, blocks, point, attempt and summary."""
