"""A trial of a doorway from begin to end, in virtual time, with a gateway that hears as it is set.

The gateway does what the firmware does: a batch at least every ten seconds, a power on trial that
ends by itself, a refusal where it has no power to go back to.
"""

import asyncio

import pytest

from edge.agent.gateways.listening import Listening
from edge.agent.link.ask_gateway import NoReply
from edge.commissioning.sides import verdict
from edge.commissioning.trial import IDLE_S
from edge.commissioning.trials import Trials, filed_power
from edge.contracts.readlog import LooksRow, ReadRow
from edge.contracts.school import Doorway, Gateway, Room, School
from tests.support.virtual_time import run

EPC = "3414257BF400000000000001"
DOOR = Doorway(id="d1", between=("hall", "r1"), gateway="gw", antennas={1: "hall", 2: "r1"})


def a_school(door=DOOR, power=20.0):
    powers = None if power is None else dict.fromkeys(door.antennas, power)
    return School(
        name="S",
        site="s",
        timezone="UTC",
        rooms={room: Room(id=room) for room in ("hall", "r1")},
        doorways={door.id: door},
        gateways={"gw": Gateway(id="gw", power_dbm=powers)},
    )


class Door:
    """A gateway at a doorway, and a person who walks a tag through it."""

    def __init__(self, bound=9, facing=None, **oddities):
        self.bound = bound
        self.facing = facing or {1: "hall", 2: "r1"}
        self.odd = oddities
        self.listening = Listening()
        self.power = dict.fromkeys(self.facing, 20)
        self.until = dict.fromkeys(self.facing, 0.0)
        self.sent = []
        self.changes = 0
        self.trials = Trials(self.ask, self.listening, self.now, self.changed)

    def now(self):
        return asyncio.get_running_loop().time()

    def changed(self, gateway):
        assert gateway == "gw"
        self.changes += 1

    async def ask(self, gateway, command):
        await asyncio.sleep(0.1)
        self.sent.append(command.args)
        if error := self.odd.get("error"):
            raise error
        if self.odd.get("refuses"):
            return {"ok": False, "error": "no power to go back to"}
        antenna, seconds = command.args.antenna, command.args.seconds
        self.power[antenna] = command.args.dbm
        self.until[antenna] = self.now() + seconds
        return {"ok": True} if self.odd.get("old") else {"ok": True, "seconds": seconds}

    def dbm(self, antenna):
        return self.power[antenna] if self.now() < self.until[antenna] else 20

    def tell(self, *reads):
        on_air = [a for a in self.facing if self.dbm(a) >= self.odd.get("sends_from", 0)]
        looks = {a: (9, 500) if a in on_air else (0, 0) for a in self.facing}
        self.listening.tell("gw", [LooksRow(gateway="gw", looks=looks, t=self.now()), *reads])

    async def beat(self):
        while True:
            await asyncio.sleep(5)
            self.tell()

    async def walk(self, trial):
        """Through, four seconds; then a press."""
        goal, began, number = trial.goal, self.now(), trial.number
        await asyncio.sleep(4)
        reads = [
            ReadRow(gateway="gw", antenna=a, epc=EPC, rssi=-50.0, t=began + (3 if r == goal else 1))
            for a, r in self.facing.items()
            if self.dbm(a) >= self.bound
        ]
        if reads:
            self.tell(*reads)
        trial.walked(number, self.now())
        trial.walked(number, self.now())  # a second press of an old page

    async def person(self, trial, search=True):
        """Does what the page says until the trial is over."""
        while trial.phase != "over":
            if trial.phase == "told":
                if not search:
                    return
                trial.search(self.now())
            if trial.is_ready and not self.odd.get("nobody_walks"):
                await self.walk(trial)
            await asyncio.sleep(0.5)


def tried(door, *, school=None, search=True):
    """The trial after all of it, and the powers in force a while later."""
    school = school or a_school()

    async def whole():
        beating = asyncio.create_task(door.beat())
        trial = door.trials.begin(school, school.doorways["d1"], EPC)
        await door.person(trial, search)
        await asyncio.sleep(3)
        in_force = {antenna: door.dbm(antenna) for antenna in door.facing}
        await door.trials.close()
        beating.cancel()
        return trial, in_force

    return run(whole(), limit_s=7200)


@pytest.mark.parametrize("bound", [0, 1, 9, 20])
def test_the_lowest_power_is_found_and_the_gateway_goes_back(bound):
    door = Door(bound)
    trial, in_force = tried(door)
    assert (trial.end, trial.found.dbm) == ("found", bound)
    assert verdict(trial.told, DOOR.antennas) == "as filed"
    assert in_force == {1: 20, 2: 20}
    assert sum(one.walks for one in trial.tried) <= 25


def test_exchanged_antennas_are_told():
    trial, _ = tried(Door(facing={1: "r1", 2: "hall"}), search=False)
    assert verdict(trial.told, DOOR.antennas) == "exchanged"


def test_a_door_that_hears_nothing_is_told_so_and_no_power_is_found():
    trial, _ = tried(Door(bound=21))
    assert trial.told == {1: None, 2: None}
    assert (trial.end, trial.found.dbm) == ("found", None)


def test_a_power_below_what_the_module_sends_is_too_low_and_named():
    trial, _ = tried(Door(bound=0, sends_from=6))
    assert trial.found.dbm == 6
    silent = {one.dbm for one in trial.tried if one.silent}
    assert 5 in silent and max(silent) < 6


def test_who_walks_away_ends_it_and_the_power_goes_back():
    door = Door()
    door.odd["nobody_walks"] = True
    trial, in_force = tried(door)
    assert trial.end == "idle"
    assert in_force == {1: 20, 2: 20}


def test_a_power_on_trial_is_renewed_before_it_ends_and_ends_where_nobody_renews_it():
    door = Door()

    async def slow():
        beating = asyncio.create_task(door.beat())
        trial = door.trials.begin(a_school(), DOOR, EPC)
        await door.person(trial, search=False)
        trial.search(door.now())
        await asyncio.sleep(20)
        assert trial.is_ready
        sent = len(door.sent)
        await asyncio.sleep(IDLE_S - 40)
        renewed = len(door.sent) - sent
        await door.trials.close()  # the agent dies
        await asyncio.sleep(601)
        beating.cancel()
        return renewed, {antenna: door.dbm(antenna) for antenna in door.facing}

    assert run(slow(), limit_s=7200) == (2, {1: 20, 2: 20})


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ({"refuses": True}, "no power to go back to"),
        ({"error": NoReply("gw did not answer")}, "did not answer"),
        ({"old": True}, "firmware"),
    ],
)
def test_a_gateway_that_does_not_take_the_power_ends_it_with_its_reason(odd, said):
    trial, _ = tried(Door(**odd))
    assert trial.end == "trouble" and said in trial.trouble
    assert verdict(trial.told, DOOR.antennas) == "as filed"


def test_without_a_power_in_the_school_file_none_is_searched():
    assert filed_power(a_school(power=None), DOOR) is None
    trial, _ = tried(Door(), school=a_school(power=None), search=False)
    trial.search(1e9)
    assert trial.phase == "told"


def test_one_antenna_tells_no_sides_but_a_power():
    door = Doorway(id="d1", between=("hall", "r1"), gateway="gw", antennas={1: "hall"})
    trial, _ = tried(Door(bound=7, facing={1: "hall"}), school=a_school(door))
    assert (trial.told, trial.found.dbm) == ({}, 7)


def test_another_trial_at_the_same_gateway_ends_the_first():
    door = Door()

    async def twice():
        first = door.trials.begin(a_school(), DOOR, EPC)
        second = door.trials.begin(a_school(), DOOR, EPC)
        await door.trials.close()
        return first.end, second.end, door.trials.of("d1") is second

    assert run(twice()) == ("left", None, True)
