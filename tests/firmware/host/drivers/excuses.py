"""What a family's checksum cannot see: the only excuse for a read of an EPC that no tag has."""


def excused(family: str, epc: bytes, heard: bytes) -> bool:
    """Tell whether the bytes heard hold a frame with this EPC that passes every check there is.

    M100's notices and ThingMagic's records carry the tag's own CRC, UHFReader18's frames a CRC-16,
    so for these there is none. An Impinj board's frames (A0, length, ..., sum) have one byte that
    makes the sum 0, which two flipped bits of one weight, or a lost A0, get past.
    """
    if family != "a0":
        return False
    for start in range(len(heard) - 1):
        frame = heard[start : start + 2 + heard[start + 1]]
        if frame[0] == 0xA0 and epc in frame and sum(frame) & 0xFF == 0:
            return True
    return False
