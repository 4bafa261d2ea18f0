"""Tags with commands of their makers' own, which a few modules pass on: NXP G2X and Monza QT."""

from __future__ import annotations

from simulator.modules.tag import USER, Tag, TagFault, TagRefused

# What every G2X tag with its EAS bit set answers (UCODE G2XM data sheet).
EAS_ALARM = bytes.fromhex("690aec7cd215d8f9")
G2X_TID = bytes.fromhex("e200680a0000400002a3b913")  # UCODE G2iM
MONZA_QT_TID = bytes.fromhex("e28011052000112233445566")

QT_PUBLIC = 0x4000  # bit QT_MEM of the QT control word: the public memory map
BLOCK_WORDS = 8  # a Monza 4QT locks its user memory in blocks of 128 bits
BLOCKS_IN_MASK = 16  # a mask word covers so many


class G2xTag(Tag):
    """An NXP UCODE G2X: `config` is its configuration word, `eas` its alarm bit.

    Read-protected it gives zeros for its EPC and keeps its banks to itself.
    """

    def __init__(self, epc: bytes, *, tid: bytes = G2X_TID, access_password: int = 0) -> None:
        super().__init__(epc, tid=tid, access_password=access_password)
        self.config = 0
        self.eas = False
        self.read_protected = False

    @property
    def epc(self) -> bytes:
        stored = super().epc
        return bytes(len(stored)) if self.read_protected else stored

    def read(self, bank: int, word: int, words: int, secured: bool) -> bytes:
        if self.read_protected:
            raise TagRefused(TagFault.LOCKED)
        return super().read(bank, word, words, secured)


class MonzaQtTag(Tag):
    """An Impinj Monza 4QT: `qt` is its control word, `blocks_locked` a bit for each user block.

    Under the public memory map there is no user memory.
    """

    def __init__(self, epc: bytes, *, tid: bytes = MONZA_QT_TID, access_password: int = 0) -> None:
        super().__init__(epc, tid=tid, access_password=access_password)
        self.qt = 0
        self.blocks_locked = 0

    def read(self, bank: int, word: int, words: int, secured: bool) -> bytes:
        if bank == USER and self.qt & QT_PUBLIC:
            raise TagRefused(TagFault.OVERRUN)
        return super().read(bank, word, words, secured)

    def write(self, bank: int, word: int, data: bytes, secured: bool) -> None:
        if bank == USER:
            if self.qt & QT_PUBLIC:
                raise TagRefused(TagFault.OVERRUN)
            last = (word * 2 + len(data) - 1) // (2 * BLOCK_WORDS)
            touched = range(word // BLOCK_WORDS, last + 1)
            if any(self.blocks_locked >> block & 1 for block in touched):
                raise TagRefused(TagFault.LOCKED)
        super().write(bank, word, data, secured)

    def block_locks(self, first: int, words: int) -> bytes:
        """Return `words` mask words from block 16 * `first` on, the first block in the top bit."""
        locks = bytearray()
        for word in range(first, first + words):
            bits = self.blocks_locked >> word * BLOCKS_IN_MASK & 0xFFFF
            locks += int(f"{bits:016b}"[::-1], 2).to_bytes(2, "big")
        return bytes(locks)

    def lock_blocks(self, first: int, mask: bytes, secured: bool) -> None:
        """Lock for ever the blocks whose bits are set; raises `TagRefused`."""
        if not secured:
            raise TagRefused(TagFault.LOCKED)
        for place in range(len(mask) * 8):
            if mask[place // 8] << place % 8 & 0x80:
                self.blocks_locked |= 1 << first * BLOCKS_IN_MASK + place
