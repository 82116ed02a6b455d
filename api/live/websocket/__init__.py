"""Parts of both endpoints: the hub, the socket, the handshake, downsampling."""
