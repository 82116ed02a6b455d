"""Parts that several benches share: an API, sessions here or on a modelled machine, environments of other tools."""
