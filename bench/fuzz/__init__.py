"""Generated requests to every route of the API. `make fuzz`."""
