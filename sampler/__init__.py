"""The process that records the hardware of the machine under test; it imports only `common`."""
