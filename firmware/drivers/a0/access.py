"""One tag at an A0 module: reading its TID, writing its EPC and passwords, locking.

The module singles a tag out by its whole EPC (85), which some firmware accepts and ignores. So
before anything is written the tag is read, and any other tag that answers then ends it.
"""

from drivers.a0.codes import NO_TAG, OK, fault
from drivers.a0.inventory import WORK_ANTENNA
from drivers.a0.talk import BAD_FORM, LOCK, READ, WRITE
from drivers.errors import ModuleFault, NotSupported, TagFault, WrongAnswer
from drivers.reader import EPC_BANK, EPC_BIT, TID_BANK

_MATCH, _GET_MATCH = 0x85, 0x86
_NO_MATCH = b"\x01"
_RESERVED_BANK = 0
_ACCESS_AT, _PC_AT, _EPC_AT = 2, 1, 2  # words in their banks
_MAX_EPC = 62
_TID_WORDS = 6  # what makes a tag's TID unlike any other's
_MEMORY = {"user": 1, "epc": 3, "access": 4, "kill": 5}
_HOW = {"open": 0, "locked": 1, "open-forever": 2, "locked-forever": 3}


class Access:
    """The tag commands of a `Reader`; the tag is looked for at one antenna after the other."""

    def __init__(self, talk, antennas):
        self._talk = talk
        self._antennas = antennas

    async def read_tid(self, tag, words):
        async def work(doing, found):
            return found.data

        return await self._with("reading the TID", tag, work, words)

    async def write_epc(self, tag, epc, password):
        """By 82, which every tag knows, not by the block write of 94. Looks for it afterwards."""
        if len(epc) % 2 or not 2 <= len(epc) <= _MAX_EPC:
            raise NotSupported("a0 cannot write an EPC of {} bytes".format(len(epc)))

        async def work(doing, found):
            at, data = _EPC_AT, epc
            if len(epc) != len(found.epc):
                at = _PC_AT
                data = (len(epc) << 10 | found.pc & 0x07FF).to_bytes(2, "big") + epc
            await self._write(doing, found, EPC_BANK, at, data, password)
            await self._match(epc)
            back = await self._read(doing, TID_BANK, 0, _TID_WORDS, 0)
            if [(tag.epc, tag.data) for tag in back] != [(epc, found.data)]:
                raise WrongAnswer("{}: the tag does not answer to the new one".format(doing))

        await self._with("writing the EPC", tag, work)

    async def set_access_password(self, tag, new, password):
        async def work(doing, found):
            word = _password(new)
            await self._write(doing, found, _RESERVED_BANK, _ACCESS_AT, word, password)
            back = await self._read(doing, _RESERVED_BANK, _ACCESS_AT, 2, new)
            if [tag.data for tag in back] != [word]:
                raise WrongAnswer("{}: another one is read back".format(doing))

        await self._with("setting the access password", tag, work)

    async def lock(self, tag, memory, how, password):
        data = _password(password) + bytes((_MEMORY[memory], _HOW[how]))

        async def work(doing, found):
            await self._change(doing, LOCK, data, found)

        await self._with("locking {} {}".format(memory, how), tag, work)

    async def _with(self, doing, tag, work, words=_TID_WORDS):
        """`work(doing, found)` while the module singles the tag out, and does not afterwards."""
        try:
            return await work(doing, await self._find(doing, tag, words))
        finally:
            await self._talk.set(_MATCH, _NO_MATCH)

    async def _find(self, doing, tag, words):
        """The one tag meant, with `words` words of its TID, at the antenna that hears it."""
        trouble = fault(doing, NO_TAG)
        for port in range(len(self._antennas)):
            try:
                await self._talk.set(WORK_ANTENNA, bytes((port,)))
                epc = tag.mask if _is_whole_epc(tag) else await self._epc_of(doing, tag)
                if epc is not None:
                    await self._match(epc)
                    found = await self._read(doing, TID_BANK, 0, words, 0)
                    if found:
                        return _only(doing, found, epc)
            except ModuleFault as error:  # this antenna is missing, say; another may hear it
                trouble = error
        raise trouble

    async def _epc_of(self, doing, tag):
        """The EPC of the only tag in reach that the mask fits, or None."""
        if tag.bank not in (EPC_BANK, TID_BANK):
            raise NotSupported("a0 finds a tag by EPC or TID, not by bank {}".format(tag.bank))
        words = (tag.pointer + tag.bits + 15) // 16 if tag.bank == TID_BANK else _TID_WORDS
        await self._talk.set(_MATCH, _NO_MATCH)
        fitting = [
            found.epc
            for found in await self._read(doing, TID_BANK, 0, words, 0)
            if _fits(tag, found)
        ]
        if len(fitting) > 1:
            raise TagFault(doing, 0, "{} tags are meant".format(len(fitting)))
        return fitting[0] if fitting else None

    async def _match(self, epc):
        asked = bytes((0, len(epc))) + epc
        await self._talk.set(_MATCH, asked)
        back = await self._talk.ask(_GET_MATCH)
        if back != asked:
            raise WrongAnswer("EPC match {} set, {} read back".format(asked, back))

    async def _read(self, doing, bank, at, words, password):
        """What each tag in reach answers; empty where none does."""
        where = bytes((bank, at, words))
        try:
            try:
                return await self._talk.ask_tags(doing, READ, where + _password(password))
            except ModuleFault as error:
                if password or error.code not in BAD_FORM:
                    raise
                return await self._talk.ask_tags(doing, READ, where)  # as older firmware has it
        except TagFault as error:
            if error.code != NO_TAG:
                raise
            return []

    async def _write(self, doing, found, bank, at, data, password):
        head = _password(password) + bytes((bank, at, len(data) // 2))
        await self._change(doing, WRITE, head + data, found)

    async def _change(self, doing, command, data, found):
        for reply in await self._talk.ask_tags(doing, command, data):
            if reply.code != OK:
                raise fault(doing, reply.code)
            if reply.epc != found.epc:
                raise WrongAnswer("{}: tag {} answered".format(doing, reply.epc))


def _only(doing, found, epc):
    """The tag of this EPC, if it alone answered."""
    if any(tag.epc != epc for tag in found):
        raise NotSupported("this a0 module ignores its EPC match, and another tag answers")
    if len(found) > 1:
        raise TagFault(doing, 0, "{} tags have this EPC".format(len(found)))
    return found[0]


def _is_whole_epc(tag):
    whole = tag.bits == 8 * len(tag.mask) and 2 <= len(tag.mask) <= _MAX_EPC
    return tag.bank == EPC_BANK and tag.pointer == EPC_BIT and whole and len(tag.mask) % 2 == 0


def _fits(tag, found):
    """Whether the mask fits the EPC or TID that was read."""
    memory = found.data
    first = tag.pointer
    if tag.bank == EPC_BANK:
        memory = found.epc
        first -= EPC_BIT
    behind = 8 * len(memory) - first - tag.bits
    if first < 0 or behind < 0:
        return False
    have = int.from_bytes(memory, "big") >> behind & ((1 << tag.bits) - 1)
    return have == int.from_bytes(tag.mask, "big") >> (8 * len(tag.mask) - tag.bits)


def _password(password):
    return password.to_bytes(4, "big")
