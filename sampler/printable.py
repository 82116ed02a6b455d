"""Text from drivers, firmware and other programs, which choose their own characters."""

MAX_LENGTH = 300


def printable(text: str) -> str:
    """Replace unprintable characters, because the text reaches logs, JSON and the database, and limit its length."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:MAX_LENGTH])
