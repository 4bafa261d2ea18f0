"""What a check found."""

from typing import Literal

import msgspec

Verdict = Literal["good", "odd", "bad"]


class Finding(msgspec.Struct, frozen=True):
    """`subject` is good, odd (works, but look at it) or bad; `says` what, and what to do."""

    subject: str
    verdict: Verdict
    says: str
