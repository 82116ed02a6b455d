"""Let an idempotency key belong to the API key that it was sent with: a digest of both is stored."""

import hashlib

NAMED = "COALESCE(owner, '') || ' ' || idempotency_key"


def up(migrator, db):
    if hasattr(db, "pragma"):  # SQLite
        db.connection().create_function("digest", 1, lambda text: hashlib.sha256(text.encode()).hexdigest())
        digest = f"digest({NAMED})"
    else:
        digest = f"encode(sha256(convert_to({NAMED}, 'UTF8')), 'hex')"
    db.execute_sql(f"UPDATE session SET idempotency_key = {digest} WHERE idempotency_key IS NOT NULL")


def down(migrator, db):
    """Leave the digests: to earlier releases they are keys that nobody sends."""
