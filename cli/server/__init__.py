"""The server that commands talk to: its address, requests and answers."""
