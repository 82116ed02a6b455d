"""The signature of a webhook's body, so that its receiver knows that Gait has sent it, and when.

It is made as Stripe makes it: HMAC-SHA256 of the time, a full stop and the body. docs/notifications.md has a function
that checks it.
"""

import hashlib
import hmac

HEADER = "X-Gait-Signature"


def signature(secret: str, body: bytes, timestamp: int) -> str:
    """Return the header's value. `timestamp` is the time of this attempt in seconds since 1970."""
    signed = f"{timestamp}.".encode() + body
    return f"t={timestamp},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"
