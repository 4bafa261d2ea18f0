"""Sentences about what somebody else wrote: one line, not endless, no control signs."""

LONGEST = 400  # of a sentence that quotes a file


def plain(sentence: str) -> str:
    """Return a sentence with each sign that cannot be shown replaced, and its end cut."""
    shown = "".join(sign if sign.isprintable() else "\ufffd" for sign in sentence)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"
