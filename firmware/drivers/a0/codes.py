"""What an A0 module's one-byte answers say, and the error that each stands for."""

from drivers.errors import ModuleFault, TagFault

OK = 0x10
RESTARTED, ANTENNA_MISSING, NO_TAG = 0x20, 0x22, 0x36
BAD_PARAMETER, BAD_WORDS, BAD_PORT = 0x41, 0x42, 0x47
BAD_REGION, BAD_FREQUENCY, BAD_SPECTRUM = 0x49, 0x4F, 0x56

_NAMES = {
    0x10: "no error",
    0x11: "command failed",
    0x20: "its processor was reset",
    0x21: "carrier cannot be switched on",
    0x22: "antenna missing",
    0x23: "writing its flash failed",
    0x24: "reading its flash failed",
    0x25: "setting the power failed",
    0x31: "inventory failed",
    0x32: "read failed",
    0x33: "write failed",
    0x34: "lock failed",
    0x35: "kill failed",
    0x36: "no tag",
    0x37: "tag found, access to it failed",
    0x38: "buffer empty",
    0x3C: "NXP command failed",
    0x40: "access refused, or wrong password",
    0x41: "wrong parameter",
    0x42: "wrong number of words",
    0x43: "wrong memory bank",
    0x44: "wrong memory to lock",
    0x45: "wrong kind of lock",
    0x46: "wrong address",
    0x47: "no such antenna port",
    0x48: "power out of range",
    0x49: "wrong region",
    0x4A: "wrong baud rate",
    0x4B: "wrong beeper mode",
    0x4C: "EPC match too long",
    0x4D: "wrong EPC match length",
    0x4E: "wrong EPC match mode",
    0x4F: "wrong frequency range",
    0x50: "no handle from the tag",
    0x51: "wrong dense reader mode",
    0x52: "synthesizer does not lock",
    0x53: "radio chip does not answer",
    0x54: "power not reached",
    0x55: "copyright check failed",
    0x56: "wrong spectrum",
    0x57: "power too low",
    0xEE: "return loss cannot be measured",
}
_OF_TAGS = (0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x3C, 0x40, 0x50)


def name_of(code):
    return _NAMES.get(code, "unknown code")


def fault(doing, code):
    """The error for an answer other than OK: a `TagFault` where a tag refused or was silent."""
    return (TagFault if code in _OF_TAGS else ModuleFault)(doing, code, name_of(code))
