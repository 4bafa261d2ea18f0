"""What an M100 is told for a survey or for one tag: query word, select mask, power word."""

from drivers.errors import NotSupported

_TREXT = 0x1000  # with pilot tone; the other air settings have one value in this family
# Sel in the query: 01 asks all tags as 00 does, but a module that started anew has 00 there.
_ALL, _SELECTED = 1, 3
_SL = 0x80  # the select sets the SL flag, so inventoried flags stay what they are
_MASK_BYTES = 31  # the mask's length in bits is one byte


def query_word(session, target_b, masked, q):
    """The two bytes of a query: never the factory's, so reading them back shows a restart."""
    sel = _SELECTED if masked else _ALL
    word = _TREXT | sel << 10 | session << 8 | (0x80 if target_b else 0) | q << 3
    return bytes([word >> 8, word & 0xFF])


def select_params(tag):
    """The parameters of a select that gives SL to the tags of this `TagMask`, and only to them.

    Of a mask that is too long its end counts, where serial numbers stand.
    """
    pointer, bits, mask = tag.pointer, tag.bits, tag.mask
    spare = len(mask) - _MASK_BYTES
    if spare > 0:
        pointer, bits, mask = pointer + 8 * spare, bits - 8 * spare, mask[spare:]
    return bytes([_SL | tag.bank]) + pointer.to_bytes(4, "big") + bytes([bits, 0]) + mask


class PowerScale:
    """How a board's power words stand to what it really transmits, by its version text.

    The word is hundredths of a *nominal* dBm. 26 dBm boards (YRM100) give 6 dB more than they
    say: word 2000 is 26 dBm, their most. Boards that name no figure are taken at their word.
    """

    def __init__(self, version):
        self.extra_db, self.lowest, self.highest = 0, 0, 30
        if "26dBm" in version:
            self.extra_db, self.lowest, self.highest = 6, 6, 26
        elif "20dBm" in version:
            self.highest = 20

    def word(self, power_dbm):
        """The two bytes for this real power; raises `NotSupported` where the board has it not."""
        if not self.lowest <= power_dbm <= self.highest:
            raise NotSupported(
                "this m100 board gives {} to {} dBm, not {}".format(
                    self.lowest, self.highest, power_dbm
                )
            )
        return round((power_dbm - self.extra_db) * 100).to_bytes(2, "big")
