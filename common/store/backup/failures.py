"""What keeps a copy from being made or restored."""

from common.errors import GaitError


class BackupFailed(GaitError):
    """A copy that was not made or not restored. The message has the cause and the action."""
