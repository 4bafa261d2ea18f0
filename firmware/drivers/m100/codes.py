"""Numbers of the M100 family: its commands, and what its error codes mean.

Source: R200 user protocol V2.3.3.
"""

from drivers.errors import ModuleFault, TagFault

VERSION, REGION, GET_REGION = 0x03, 0x07, 0x08
SELECT, GET_SELECT, SELECT_MODE, QUERY, GET_QUERY = 0x0C, 0x0B, 0x12, 0x0E, 0x0D
SLEEP, AUTO_SLEEP, HOP, POWER, GET_POWER = 0x17, 0x1D, 0xAD, 0xB6, 0xB7
TAG, POLL, STOP = 0x22, 0x27, 0x28
READ, WRITE, LOCK, KILL = 0x39, 0x49, 0x82, 0x65
_TO_TAGS = (READ, WRITE, LOCK, KILL)
FAILED = 0xFF  # bears the answer to a command that failed; its first parameter is the code

# Codes
NO_TAG = 0x15  # also: a round is over and nothing answered
BAD_COMMAND, WRONG_PASSWORD, NO_CHANNEL = 0x17, 0x16, 0x20
# The tag was not there, or fell silent in the middle: worth another try.
NO_ANSWER = {0x09: READ, 0x10: WRITE, 0x12: KILL, 0x13: LOCK}

_NAMES = {
    0x09: "read failed: no tag answered",
    0x10: "write failed: no tag answered",
    0x12: "kill failed: no tag answered, or the password is wrong",
    0x13: "lock failed: no tag answered",
    NO_TAG: "no tag",
    WRONG_PASSWORD: "wrong access password",
    BAD_COMMAND: "unknown command or parameter",
    NO_CHANNEL: "no free channel to hop to",
}
# What a tag that refuses says itself, with the command in the high half of the code.
_REFUSED_BY_TAG = {0xA0: READ, 0xB0: WRITE, 0xC0: LOCK, 0xD0: KILL}
_REASONS = {
    0x0: "other error",
    0x3: "no such memory",
    0x4: "memory locked",
    0xB: "too little power",
    0xF: "unspecific error",
}


def fault(doing, code):
    """The error to raise for an error code: of the tag, or of the module."""
    if code in NO_ANSWER or code == WRONG_PASSWORD:
        return TagFault(doing, code, _NAMES[code])
    if code & 0xF0 in _REFUSED_BY_TAG and code & 0x0F in _REASONS:
        return TagFault(doing, code, _REASONS[code & 0x0F])
    return ModuleFault(doing, code, _NAMES.get(code, "unknown error"))


def may_answer(code, command):
    """Whether an error with this code can be the answer to the command, and not a belated one."""
    meant = NO_ANSWER.get(code) or _REFUSED_BY_TAG.get(code & 0xF0)
    if meant:
        return command == meant
    if code == WRONG_PASSWORD:
        return command in _TO_TAGS
    if code == NO_CHANNEL:
        return command == POLL or command in _TO_TAGS
    return True
