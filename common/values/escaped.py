"""Text that others chose, made safe for one line of a log or a terminal."""


def escaped(text: str) -> str:
    r"""Return the text with an escape such as `\n`, `\x1b` or `\u202e` for each character that is not printable.

    Otherwise line breaks would forge lines, escape sequences colour or move text, and marks of direction reorder it.
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
