"""The double as tests use it."""

import threading
from pathlib import Path
from typing import Any, Self

from testbed.ollama_double.handler import Handler
from testbed.ollama_double.server import Server
from testbed.ollama_double.simulation import Simulation
from testbed.waiting import until

POLL_S = 0.01


class OllamaDouble(Simulation):
    """A scriptable Ollama that serves while it is used as a context."""

    def __init__(self, *models: str, certificate: Path | None = None, **options: Any) -> None:
        """Take the options of Simulation too. With a certificate it speaks TLS."""
        super().__init__(*models, **options)
        self._certificate = certificate
        self._server = Server(self, 0, Handler, certificate)
        self._port = self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"{'https' if self._certificate else 'http'}://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self._serve()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self.stop()

    def _serve(self) -> None:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": POLL_S}, daemon=True).start()

    def stop(self) -> None:
        """Stop as a killed server does: cut connections, refuse new ones, and forget what was in memory."""
        self._server.shutdown()
        self._server.server_close()
        self._server.cut()
        self.loaded.clear()
        self.on_gpu.clear()

    def start(self) -> None:
        """Start again at the same address."""
        self._server = until(self._listening_again, f"port {self._port} to be free")
        self._serve()

    def _listening_again(self) -> Server | None:
        """Return None while an outgoing connection has taken the port."""
        try:
            return Server(self, self._port, Handler, self._certificate)
        except OSError:
            return None
