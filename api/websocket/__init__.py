"""WebSockets below the endpoints: the hub, the socket, the handshake, thinning."""
