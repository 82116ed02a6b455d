"""`python -m bench.load.submitters HOST:PORT COUNT A_SECOND BODY`: submissions at a fixed rate.

Each is sent when it is due, even if answers are late. It prints a JSON list with one entry for each submission: when it
was due, sent and answered, in seconds, the status, and the session's id.
"""

import http.client
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

MAX_IN_FLIGHT = 200
TIMEOUT_S = 60
PATH = "/api/v1/test-sessions"


def main() -> None:
    address, count, rate, body = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
    began = time.monotonic()
    with ThreadPoolExecutor(MAX_IN_FLIGHT) as submitters:
        submitted = []
        for number in range(count):
            due = began + number / rate
            time.sleep(max(0, due - time.monotonic()))
            submitted.append(submitters.submit(submit, address, body, due))
    print(json.dumps([one.result() for one in submitted]), flush=True)


def submit(address: str, body: str, due: float) -> tuple[float, float, float, int, str]:
    connection = http.client.HTTPConnection(address, timeout=TIMEOUT_S)
    sent = time.monotonic()
    try:
        connection.request("POST", PATH, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        described = json.loads(answer.read())
        return due, sent, time.monotonic(), answer.status, str(described.get("sessionId"))
    except OSError as error:
        return due, sent, time.monotonic(), 0, str(error)
    finally:
        connection.close()


if __name__ == "__main__":
    main()
