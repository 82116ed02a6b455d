"""`python -m bench.load.submitters HOST:PORT COUNT A_SECOND BODY`: submissions at a fixed rate.

Each goes out when it is due, however late the answers are. It prints a JSON list: of each submission when it was due,
was sent and was answered, in seconds, the status, and the session's id.
"""

import http.client
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

MOST_AT_ONCE = 200
PATIENCE_S = 60
PATH = "/api/v1/test-sessions"


def main() -> None:
    address, count, rate, body = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
    began = time.monotonic()
    with ThreadPoolExecutor(MOST_AT_ONCE) as submitters:
        asked = []
        for number in range(count):
            due = began + number / rate
            time.sleep(max(0, due - time.monotonic()))
            asked.append(submitters.submit(submit, address, body, due))
    print(json.dumps([one.result() for one in asked]), flush=True)


def submit(address: str, body: str, due: float) -> tuple[float, float, float, int, str]:
    connection = http.client.HTTPConnection(address, timeout=PATIENCE_S)
    sent = time.monotonic()
    try:
        connection.request("POST", PATH, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        said = json.loads(answer.read())
        return due, sent, time.monotonic(), answer.status, str(said.get("sessionId"))
    except OSError as error:
        return due, sent, time.monotonic(), 0, str(error)
    finally:
        connection.close()


if __name__ == "__main__":
    main()
