"""The process that records the load of the machine under test. It imports only `common`."""
