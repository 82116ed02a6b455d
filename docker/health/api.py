"""Exit 0 if the API of this container answers."""  # noqa: INP001 - a script that an image holds beside the packages

from urllib.request import urlopen

from common.config import settings

urlopen(f"http://127.0.0.1:{settings().port}/healthz", timeout=5).close()
