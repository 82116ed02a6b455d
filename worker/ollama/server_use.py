"""What a session's requests do to a server beyond their answers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from common.errors import OllamaHTTPError


@dataclass
class ServerUse:
    """The use of a server by the requests of a session, which its drivers share.

    `models` were requested. `before_first_use` is called with the name of a model before its first request.
    `interrupted` is True if the server may still work on a request that was cut off.
    """

    before_first_use: Callable[[str], None] = lambda _: None
    models: set[str] = field(default_factory=set)
    interrupted: bool = False

    @contextmanager
    def request(self, model: str) -> Iterator[None]:
        """Note the use of a model by the request in the block."""
        if model not in self.models:
            self.before_first_use(model)
            self.models.add(model)
        try:
            yield
        except OllamaHTTPError:  # the server has answered, and ended the request
            raise
        except BaseException:
            self.interrupted = True
            raise
