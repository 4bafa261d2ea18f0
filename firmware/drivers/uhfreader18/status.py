"""What a UHFReader18 module means by the status byte of a reply.

Source: UHFReader18 User's Manual V2.0 and UHF RFID Reader UR-series manual v1.14 (288M).
"""

from drivers.errors import ModuleFault, TagFault

OK = 0x00
DONE, MORE, FULL = 0x01, 0x03, 0x04  # of an inventory; 02: its time was over
STATISTICS = 0x26  # behind an inventory, where asked for
TOO_WEAK, NO_TAG, UNKNOWN_COMMAND, BAD_PARAMETER = 0xFA, 0xFB, 0xFE, 0xFF

_TAG_REFUSED = 0xFC  # one byte of data: the tag's own code

_OF_TAG = {
    0x05: "wrong access password",
    0x09: "kill failed",
    0x0A: "kill password is zero",
    0x0B: "tag does not know the command",
    0x0C: "access password is zero",
    0x0D: "tag is already protected",
    0x0E: "tag is not protected",
    0x19: "tag does not know the command, or its password is zero",
    0xFA: "tag answers too weakly",
    0xFB: "no tag",
}

_OF_MODULE = {
    0x02: "time over",
    0x04: "memory full",
    0x13: "cannot save",
    0x14: "power cannot be set",
    0xF8: "antenna not connected",
    0xF9: "cannot do it",
    0xFD: "wrong length",
    0xFE: "unknown command",
    0xFF: "parameter out of range",
}

_BY_TAG = {  # the error codes of EPC Gen2
    0x00: "other error",
    0x03: "no such memory",
    0x04: "memory locked",
    0x0B: "too little power to write",
    0x0F: "tag gives no reason",
}


def fault(doing, status, data=b""):
    """The error to raise for this status: the tag's fault or the module's."""
    if status == _TAG_REFUSED:
        code = data[0] if data else 0
        return TagFault(doing, code, _BY_TAG.get(code, "tag refused"))
    if status in _OF_TAG:
        return TagFault(doing, status, _OF_TAG[status])
    return ModuleFault(doing, status, _OF_MODULE.get(status, "fault without a name"))
