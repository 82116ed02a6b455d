"""Parts that several benches share: an API, sessions in this process, environments of other tools."""
