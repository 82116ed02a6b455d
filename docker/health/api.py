"""Exit 0 if the API of this container responds."""  # noqa: INP001 - a script next to the packages in the image

from urllib.request import urlopen

from common.config import settings

urlopen(f"http://127.0.0.1:{settings().port}/healthz", timeout=5).close()
