"""How any test is measured: test, point, attempt, summary."""
