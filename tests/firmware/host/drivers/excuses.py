"""What a family's checksum cannot see: the only excuse for a read of an EPC that no tag has."""


def excused(family: str, epc: bytes, heard: bytes) -> bool:
    """Tell whether the bytes heard hold a frame with this EPC that passes every check there is.

    M100's notices and ThingMagic's records carry the tag's own CRC beside that of the frame, so
    for these there is none. An Impinj board's frame (A0, length, ..., sum) has one byte that makes
    the sum 0, which two flipped bits of one weight, or a lost A0, get past. A UHFReader18's
    (length, ..., CRC-16) is passed by one damaged frame in 65,536.
    """
    if family == "a0":
        frames = (heard[at : at + 2 + heard[at + 1]] for at in range(len(heard) - 1))
        return any(frame[0] == 0xA0 and epc in frame and sum(frame) & 0xFF == 0 for frame in frames)
    if family == "uhfreader18":
        frames = (heard[at : at + 1 + heard[at]] for at in range(len(heard)))
        return any(epc in frame and _crc(frame) == 0 for frame in frames)
    return False


def _crc(frame: bytes) -> int:
    """CRC-16 of polynomial 8408, preset FFFF: 0 over a whole frame with its own, low byte first."""
    crc = 0xFFFF
    for byte in frame:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
    return crc
