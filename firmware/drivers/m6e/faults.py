"""The status codes of the M6e family in words. Source: Mercury API, captures of an M6e Nano."""

LENGTH, PARAMETER, REGION, NO_TAG = 0x0100, 0x0105, 0x010B, 0x0400

_NAMES = {
    0x0100: "wrong length of data",
    0x0101: "unknown command",
    0x0102: "command not implemented",
    0x0103: "power too high",
    0x0104: "frequency not allowed",
    0x0105: "parameter not allowed",
    0x0106: "power too low",
    0x0109: "feature not implemented",
    0x010A: "no such baud rate",
    0x010B: "no such region",
    0x010C: "no licence for it",
    0x0200: "firmware image damaged",
    0x0201: "firmware image ends early",
    0x0400: "no tag answered",
    0x0401: "no protocol chosen",
    0x0402: "no such protocol",
    0x0403: "written, but not locked",
    0x0404: "tag sent no data",
    0x0405: "radio is off",
    0x0406: "tag did not take the data",
    0x0407: "not for this protocol",
    0x0408: "data not writable",
    0x0409: "no such address on the tag",
    0x040A: "tag reports an error",
    0x040B: "too much data",
    0x040C: "wrong kill password",
    0x040E: "kill failed",
    0x040F: "answer of the tag not decoded",
    0x0410: "EPC not valid",
    0x0411: "count not valid",
    0x0420: "tag reports another error",
    0x0423: "no such memory on the tag",
    0x0424: "memory of the tag is locked",
    0x042B: "too little power reaches the tag",
    0x042F: "tag reports an unspecified error",
    0x0430: "tag reports an unknown error",
    0x0500: "frequency not allowed",
    0x0501: "channel is busy",
    0x0502: "transmitter is on",
    0x0503: "antenna not connected",
    0x0504: "over temperature",
    0x0505: "antenna reflects too much",
    0x0507: "antenna set-up not allowed",
    0x0600: "fewer tags than asked for",
    0x0601: "tag buffer full",
    0x0602: "tag is in the buffer already",
    0x0603: "tag too large for the buffer",
    0x0604: "tag did not authenticate",
    0x7F00: "unknown fault of the firmware",
    0x7F01: "firmware of the module failed",
}


def fault_name(status):
    """What the module means by this status."""
    name = _NAMES.get(status)
    if name is None and status >> 8 == 0x03:
        name = "fault of the flash"
    return name or "unknown fault"


def is_tags(status):
    """Whether a tag, not the module, is at fault."""
    return status >> 8 == 0x04


def is_radio(status):
    """Whether antenna, channel or temperature keep the module off the air: it may pass."""
    return status >> 8 == 0x05
