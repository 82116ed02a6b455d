"""All of Gait on one machine, for `gait up`, `gait demo` and the tests."""
