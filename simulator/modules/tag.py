"""A Gen2 tag: its memory banks, passwords, locks and session flags, as every reader finds them.

Rules are those of EPC Gen2 (ISO 18000-63): Select actions, inventoried flag persistence, access
states, lock bits. A tag knows no reader; times are seconds on whatever one clock the readers share.
"""

from __future__ import annotations

from enum import IntEnum

from simulator.modules.select import Select

RESERVED, EPC, TID, USER = 0, 1, 2, 3
SL = 4  # Select's target number for the selected flag; 0..3 are the sessions


class TagFault(IntEnum):
    """The error code a tag backscatters when it refuses an access command (Gen2 annex I)."""

    OTHER = 0x0
    OVERRUN = 0x3
    LOCKED = 0x4
    LOW_POWER = 0xB
    UNSPECIFIC = 0xF


class TagRefused(Exception):
    """The tag answered an access command with an error code."""

    def __init__(self, fault: TagFault) -> None:
        super().__init__(f"tag refused: {fault.name.lower()}")
        self.fault = fault


class TagSilent(Exception):
    """The tag did not answer: a wrong password, or a command it does not take in its state."""


class Tag:
    """One tag. `epc` and `pc` change when a reader rewrites the EPC bank; the object stays.

    `tid` is any even number of bytes; `user_bytes` and `epc_words` are the sizes of those banks.
    Persistence is how long an inventoried S1 flag holds, powered or not (0.5-5 s), and how long
    S2, S3 and SL outlive the loss of power (2 s or more).
    """

    __slots__ = (
        "_epc_bank",
        "_inventoried_b",
        "_locks",
        "_powered_until_s",
        "_s1_set_at_s",
        "_selected",
        "_tid",
        "_user",
        "access_password",
        "kill_password",
        "killed",
        "s1_persistence_s",
        "unpowered_persistence_s",
    )

    def __init__(
        self,
        epc: bytes,
        *,
        tid: bytes = bytes.fromhex("E28069950000000000000000"),
        pc: int | None = None,
        user_bytes: int = 64,
        epc_words: int = 8,
        access_password: int = 0,
        kill_password: int = 0,
        s1_persistence_s: float = 2.0,
        unpowered_persistence_s: float = 10.0,
    ) -> None:
        if len(epc) % 2 or len(epc) > 62:
            raise ValueError(f"an EPC has 0 to 31 whole words, not {len(epc)} bytes")
        word = (len(epc) // 2) << 11 if pc is None else pc
        room = max(epc_words * 2, len(epc))
        self._epc_bank = bytearray(word.to_bytes(2, "big") + epc.ljust(room, b"\0"))
        self._tid = tid
        self._user = bytearray(user_bytes)
        self.access_password = access_password
        self.kill_password = kill_password
        self.killed = False
        self.s1_persistence_s = s1_persistence_s
        self.unpowered_persistence_s = unpowered_persistence_s
        self._locks = [0] * 5  # pwd-write << 1 | permalock, for kill, access, EPC, TID, user
        self._inventoried_b = [False] * 4
        self._s1_set_at_s = 0.0
        self._selected = False
        self._powered_until_s = float("-inf")

    # What a round needs

    @property
    def pc(self) -> int:
        """Return the protocol-control word; the UMI bit shows once user memory is written."""
        stored = int.from_bytes(self._epc_bank[:2], "big")
        return stored | 0x0400 if self._user and self._user[0] & 0x1F else stored

    @property
    def epc(self) -> bytes:
        """Return the EPC, as long as the PC word says and the bank holds."""
        return bytes(self._epc_bank[2 : 2 + 2 * (self._epc_bank[0] >> 3)])

    def power(self, at_s: float, until_s: float) -> None:
        """Note that a carrier powers the tag from `at_s` to `until_s`; flags may have decayed."""
        dark_s = at_s - self._powered_until_s
        if dark_s > 0:
            self._inventoried_b[0] = False
            if dark_s > self.unpowered_persistence_s:
                self._inventoried_b[2] = self._inventoried_b[3] = self._selected = False
        if at_s - self._s1_set_at_s > self.s1_persistence_s:
            self._inventoried_b[1] = False
        self._powered_until_s = max(self._powered_until_s, until_s)

    def unpower(self, at_s: float) -> None:
        """Note that the carrier went off at `at_s`, sooner than `power` was told."""
        self._powered_until_s = min(self._powered_until_s, at_s)

    def takes_part(self, session: int, target_b: bool, sel: int) -> bool:
        """Return whether the powered tag answers a Query with this session, target and Sel."""
        if self.killed or self._inventoried_b[session] != target_b:
            return False
        return sel < 2 or self._selected == (sel == 3)

    def inventoried(self, session: int, at_s: float) -> None:
        """Note that a reader acknowledged the tag in this session: its flag turns over."""
        self._set_flag(session, not self._inventoried_b[session], at_s)

    def apply_select(self, select: Select, at_s: float) -> None:
        """Carry out a Select that the powered tag hears (Gen2 table of actions).

        One on bank 0 is ignored: Gen2 reserves it, so flags stay as they were and every tag goes
        on answering. Hosts that select so by mistake work with one tag before the antenna.
        """
        if select.bank == RESERVED:
            return
        change = _SELECT_ACTIONS[select.action][0 if self.matches(select) else 1]
        if change is None:
            return
        if select.target >= SL:
            self._selected = not self._selected if change == _TOGGLE else change == _ASSERT
        else:
            is_b = self._inventoried_b[select.target]
            self._set_flag(
                select.target,
                not is_b if change == _TOGGLE else change != _ASSERT,
                at_s,
            )

    def matches(self, select: Select) -> bool:
        """Return whether the select's mask is found at its place in the tag's memory."""
        if select.mask_bits == 0:
            return True
        if select.bank == RESERVED:
            return False
        memory, end = self._bank(select.bank), select.pointer_bits + select.mask_bits
        if end > len(memory) * 8:
            return False
        window = int.from_bytes(memory, "big") >> (len(memory) * 8 - end)
        return window & ((1 << select.mask_bits) - 1) == select.mask

    # What an access needs

    def secure(self, password: int) -> bool:
        """Return whether `password` brings the tag to its secured state.

        Zero means that no Access is sent: secured only if the tag has no access password. Raises
        `TagSilent` when an Access with another password is sent.
        """
        if password == 0:
            return self.access_password == 0
        if password != self.access_password:
            raise TagSilent("wrong access password")
        return True

    def read(self, bank: int, word: int, words: int, secured: bool) -> bytes:
        """Return `words` words (0: all that follow) of a bank; raises `TagRefused`."""
        memory = self._bank(bank)
        end = len(memory) if words == 0 else (word + words) * 2
        if end > len(memory) or word * 2 >= end:
            raise TagRefused(TagFault.OVERRUN)
        if bank == RESERVED:
            for lock in _passwords_touched(word, end // 2):
                self._demand(lock, secured)
        return memory[word * 2 : end]

    def write(self, bank: int, word: int, data: bytes, secured: bool) -> None:
        """Write whole words into a bank; raises `TagRefused` and then leaves all as it was."""
        end = word * 2 + len(data)
        if end > len(self._bank(bank)):
            raise TagRefused(TagFault.OVERRUN)
        if bank == RESERVED:
            for lock in _passwords_touched(word, end // 2):
                self._demand(lock, secured)
            both = bytearray(self._bank(RESERVED))
            both[word * 2 : end] = data
            self.kill_password = int.from_bytes(both[:4], "big")
            self.access_password = int.from_bytes(both[4:], "big")
        elif bank == EPC:
            self._demand(_LOCK_OF_BANK[EPC], secured)
            if word == 0:  # hosts write the whole bank; the tag makes its CRC anew all the same
                word, data = 1, data[2:]
            self._epc_bank[word * 2 - 2 : end - 2] = data
        elif bank == TID:
            raise TagRefused(TagFault.LOCKED)  # factory-written
        else:
            self._demand(_LOCK_OF_BANK[USER], secured)
            self._user[word * 2 : end] = data

    def lock(self, payload: int, secured: bool) -> None:
        """Carry out a Lock: 10 mask bits over 10 action bits; raises `TagRefused`."""
        if not secured:
            raise TagRefused(TagFault.LOCKED)
        mask, action = payload >> 10 & 0x3FF, payload & 0x3FF
        wanted = []
        for place, old in enumerate(self._locks):
            shift = 8 - 2 * place
            bits = mask >> shift & 3
            new = old & ~bits | (action >> shift & bits)
            if old & 1 and new != old:
                raise TagRefused(TagFault.LOCKED)  # permalocked for good
            wanted.append(new)
        self._locks = wanted

    def kill(self, password: int) -> None:
        """Silence the tag for ever; raises `TagRefused` without kill password, or `TagSilent`."""
        if self.kill_password == 0:
            raise TagRefused(TagFault.OTHER)
        if password != self.kill_password:
            raise TagSilent("wrong kill password")
        self.killed = True

    def _set_flag(self, session: int, is_b: bool, at_s: float) -> None:
        self._inventoried_b[session] = is_b
        if session == 1 and is_b:
            self._s1_set_at_s = at_s

    def _bank(self, bank: int) -> bytes:
        if bank == RESERVED:
            return self.kill_password.to_bytes(4, "big") + self.access_password.to_bytes(4, "big")
        if bank == EPC:
            return crc16(self.pc_epc()).to_bytes(2, "big") + bytes(self._epc_bank)
        return self._tid if bank == TID else bytes(self._user)

    def pc_epc(self) -> bytes:
        """Return PC word and EPC as the tag backscatters them."""
        return self.pc.to_bytes(2, "big") + self.epc

    def _demand(self, lock: int, secured: bool) -> None:
        bits = self._locks[lock]
        if bits == 3 or (bits == 2 and not secured):
            raise TagRefused(TagFault.LOCKED)


def crc16(data: bytes) -> int:
    """Return the Gen2 CRC-16: polynomial 1021, preset FFFF, complemented."""
    crc = 0xFFFF
    for byte in data:
        crc = (crc << 8 & 0xFFFF) ^ _CRC_TABLE[crc >> 8 ^ byte]
    return crc ^ 0xFFFF


def _crc_entry(byte: int) -> int:
    crc = byte << 8
    for _ in range(8):
        crc = crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1
    return crc & 0xFFFF


def _passwords_touched(first_word: int, end_word: int) -> list[int]:
    """Return the locks (0 kill, 1 access) over the words of the reserved bank in this range."""
    return [lock for lock in (0, 1) if first_word < 2 * lock + 2 and end_word > 2 * lock]


_CRC_TABLE = tuple(_crc_entry(byte) for byte in range(256))
_LOCK_OF_BANK = {EPC: 2, TID: 3, USER: 4}
_ASSERT, _DEASSERT, _TOGGLE = 1, 2, 3  # assert: SL on or flag to A
_SELECT_ACTIONS: tuple[tuple[int | None, int | None], ...] = (  # (matching, not matching)
    (_ASSERT, _DEASSERT),
    (_ASSERT, None),
    (None, _DEASSERT),
    (_TOGGLE, None),
    (_DEASSERT, _ASSERT),
    (_DEASSERT, None),
    (None, _ASSERT),
    (None, _TOGGLE),
)
