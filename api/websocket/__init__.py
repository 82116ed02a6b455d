"""Parts of the WebSocket endpoints: the hub, the socket, the handshake, downsampling."""
