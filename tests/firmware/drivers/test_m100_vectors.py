"""Every frame of the manuals that the M100 driver has a use for is sent or understood by it."""

from drivers.errors import ModuleFault, ReaderError, TagFault, WrongAnswer
from drivers.m100 import access as access
from drivers.m100 import codes as codes
from drivers.m100.driver import M100
from drivers.m100.frames import AA_DD, BB_7E, build
from drivers.reader import Radio, TagMask, by_epc

from tests.firmware.fakes import FakeClock, ScriptedModule, Sink, run_scripted, vectors

FRAMINGS = {"m100": BB_7E, "m100-aa": AA_DD}
MANUAL_EPC = bytes.fromhex("30751FEB705C5904E3D50D70")
ANY_TAG = TagMask(1, 0, 0, b"")
# What the driver has no use for.
NOT_SENT = (
    "get sw version",  # the hardware version tells what it must know
    "get maker",
    "single poll",  # it polls for a slot
    "multi poll 10000",
    "multi poll 65535",
    "multi poll 10",
    "set select",  # it selects by the SL flag
    "set select no mask",
    "set query",  # the factory's query; its own ones differ
    "set baud 19200",  # it finds the rate that is
    "write user 2 words",  # it writes EPCs and passwords
    "write user 4 words",
    "kill",
    "set region CN800",
    "set channel 1",  # it hops
    "get channel",
    "FHSS off",
    "insert channels 1..5",
    "carrier on",
    "get demod",
    "set demod",
    "scan jammer",
    "scan RSSI",
    "IO4 output",
    "auto sleep 2 min",
    "idle mode",
    "NXP EAS alarm",
)
NOT_UNDERSTOOD = (  # answers to those
    "kill reply",
    "set channel reply",
    "get channel reply",
    "insert reply",
    "demod reply",
    "set demod reply",
    "jammer reply",
    "rssi scan reply",
    "auto sleep reply",
    "idle reply",
    "IO reply",
    "kill pw zero",
    "kill fail",
)


class Answering(ScriptedModule):
    """Gives these very bytes for an answer to one command, and keeps the frames it was sent."""

    def __init__(self, framing=BB_7E, command=None, answer=b""):
        super().__init__(framing)
        self.sent = set()
        self._asked = None
        self._special = command, answer
        self.sees = [answer] if command == codes.POLL else []

    def frame(self, kind, command, start, length):
        params = bytes(self._parser.buf[start : start + length])
        self.sent.add(build(self.framing, command, params))
        self._asked = command
        super().frame(kind, command, start, length)

    def answer(self, command, params):
        if self._asked == self._special[0]:
            self.send(self._special[1])
        else:
            super().answer(command, params)


def driven(module, work, region="US"):
    """Run `work(driver)`; returns (what it returned or the reader's error, sink)."""
    sink, outcome = Sink(), []

    async def scenario():
        driver = M100(module, [1], sink, FakeClock())
        try:
            await driver.open()
            await driver.configure(Radio(region))
            outcome.append(await work(driver))
        except ReaderError as error:
            outcome.append(error)
        finally:
            await driver.close()

    run_scripted(scenario())
    return outcome[0], sink


async def _whole_life(driver):
    for region in ("CN", "US", "EU", "KR"):
        for power in (20, 26):
            await driver.configure(Radio(region, {1: power}, 0, ["34"]))
    await driver.configure(Radio("US", {}, 0, []))
    await driver.stream(5)
    for word in (12.5, 14, 15.5, 17, 18.5):
        await driver.configure(Radio("US", {1: word}, 0))
    try:
        await driver.read_tid(ANY_TAG)  # the scripted module has no tag
    except ReaderError:
        pass
    await driver.sleep()


def _commands_sent():
    sent = set()
    for framing in (BB_7E, AA_DD):
        module = Answering(framing)
        driven(module, _whole_life)
        sent |= module.sent
        sent.add(build(framing, codes.READ, access.read_params(0xFFFF, 3, 0, 2)))
        sent.add(build(framing, codes.READ, access.read_params(0, 3, 0, 4)))
        sent.add(build(framing, codes.LOCK, access.lock_params(0xFFFF, "access", "locked")))
    return sent


def test_commands_of_the_manuals_are_sent_byte_for_byte():
    sent = _commands_sent()
    missing = [
        vector["name"]
        for vector in vectors("frames_m100")
        if vector["direction"] == "host>module" and bytes.fromhex(vector["hex"]) not in sent
    ]
    assert [name for name in missing if name not in NOT_SENT] == []
    assert [name for name in NOT_SENT if name not in missing] == []


async def _stream(driver):
    await driver.stream(5)


async def _read(driver):
    return await driver.read_tid(ANY_TAG, 2)


async def _write(driver):
    return await driver.set_access_password(ANY_TAG, 1, 0xFFFF)


async def _lock(driver):
    return await driver.lock(ANY_TAG, "access", "locked", 0xFFFF)


async def _set_up(driver):
    await driver.configure(Radio("US", {1: 20}, 0, ["34"]))


async def _sleep(driver):
    await driver.sleep()


DONE = None
# name -> the command that is answered so, what the driver does, and what comes of it: a value, or
# the kind of error and its words.
ANSWERS = {
    "tag notice": (codes.POLL, _stream, DONE),
    "no tag": (codes.POLL, _stream, DONE),
    "stop reply": (codes.STOP, _stream, DONE),
    "select reply": (codes.SELECT_MODE, _set_up, DONE),
    "get select reply": (codes.GET_SELECT, _set_up, (WrongAnswer, "read back")),  # another's
    "read reply": (codes.READ, _read, bytes),
    "write reply": (codes.WRITE, _write, DONE),
    "lock reply": (codes.LOCK, _lock, DONE),
    "write fail no tag": (codes.WRITE, _write, (TagFault, "no tag answered")),
    "write fail short": (codes.WRITE, _write, (TagFault, "no tag answered")),
    "write overrun": (codes.WRITE, _write, (TagFault, "no such memory")),
    "read fail": (codes.READ, _read, (TagFault, "no tag answered")),
    "read fail no EPC": (codes.READ, _read, (TagFault, "no tag answered")),
    "read overrun": (codes.READ, _read, (TagFault, "no such memory")),
    "bad password": (codes.READ, _read, (TagFault, "wrong access password")),
    "lock denied": (codes.LOCK, _lock, (TagFault, "memory locked")),
    "lock fail": (codes.LOCK, _lock, (TagFault, "no tag answered")),
    "bad command": (codes.POWER, _set_up, (ModuleFault, "unknown command")),
    "FHSS fail": (codes.POLL, _stream, (ModuleFault, "no free channel")),
    "hw version": (codes.VERSION, _set_up, DONE),
    "set region reply": (codes.REGION, _set_up, DONE),
    "get region reply": (codes.GET_REGION, _stream, DONE),
    "set power reply": (codes.POWER, _set_up, DONE),
    "get power reply": (codes.GET_POWER, _set_up, DONE),
    "FHSS reply": (codes.HOP, _set_up, DONE),
    "set query reply": (codes.QUERY, _set_up, DONE),
    "get query reply": (codes.GET_QUERY, _set_up, (WrongAnswer, "read back")),  # not what it set
    "sleep reply": (codes.SLEEP, _sleep, DONE),
}


def test_answers_of_the_manuals_are_understood():
    left = set(NOT_UNDERSTOOD)
    for vector in vectors("frames_m100"):
        if vector["direction"] != "module>host":
            continue
        name, data = vector["name"], bytes.fromhex(vector["hex"])
        if name in NOT_UNDERSTOOD:
            left.discard(name)
            continue
        command, work, expected = ANSWERS[name]
        module = Answering(FRAMINGS[vector["family"]], command, data)
        region = "CN" if command == codes.GET_REGION else "US"
        outcome, sink = driven(module, work, region)
        if expected is bytes:
            assert outcome == data[20:-2], name
        elif expected is DONE:
            assert outcome is None, (name, outcome)
        else:
            assert isinstance(outcome, expected[0]) and expected[1] in str(outcome), name
        if name == "tag notice":
            rssi = data[5] - 256
            assert [record[:3] for record in sink.records] == [(data[8:20], 1, rssi * 10)]
    assert not left, left


def test_an_answer_names_its_tag_and_that_of_another_is_not_taken():
    data = bytes.fromhex("bb013900130e340030751feb705c5904e3d50d7012345678b07e")

    async def its_own(driver):
        return await driver.read_tid(by_epc(MANUAL_EPC), 2)

    async def another(driver):
        return await driver.read_tid(by_epc(bytes(12)), 2)

    assert driven(Answering(BB_7E, codes.READ, data), its_own)[0] == bytes.fromhex("12345678")
    outcome, _ = driven(Answering(BB_7E, codes.READ, data), another)
    assert "another tag" in str(outcome)
