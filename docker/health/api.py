"""Exit 0 if the API of this container responds."""  # noqa: INP001 - a script next to the packages in the image

from urllib.request import ProxyHandler, build_opener

from common.environment.settings import settings

direct = build_opener(ProxyHandler({}))  # Docker may set HTTP_PROXY in every container
direct.open(f"http://127.0.0.1:{settings().port}/healthz", timeout=5).close()
