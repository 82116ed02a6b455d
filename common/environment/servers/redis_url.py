"""Check of REDIS_URL."""

from urllib.parse import urlsplit

from marshmallow import ValidationError, validate

BEGINNINGS = ("redis://", "rediss://", "unix://")


class RedisUrl(validate.Validator):
    """A URL of Redis. Messages never show it, because it may hold a password."""

    def __call__(self, value: str) -> str:
        if not value.startswith(BEGINNINGS):
            raise ValidationError(f"The URL must begin with one of: {', '.join(BEGINNINGS)}.")
        try:
            urlsplit(value).port  # noqa: B018 - it is parsed when it is read
        except ValueError as error:
            raise ValidationError(
                "The URL has a wrong part. Write special characters in its password as %XX."
            ) from error
        return value
