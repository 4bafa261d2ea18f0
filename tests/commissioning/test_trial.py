"""What counts as a walk that was read, that was missed, or as none."""

from edge.commissioning.power import Tried
from edge.commissioning.trial import SETTLED_S, Trial
from edge.contracts.readlog import LooksRow, ReadRow
from edge.contracts.school import Doorway

EPC = "3414257BF400000000000001"
DOOR = Doorway(id="d1", between=("hall", "r1"), gateway="gw", antennas={1: "hall", 2: "r1"})


def looks(t, rounds=(5, 5)):
    return LooksRow(gateway="gw", looks={n: (r, 100) for n, r in enumerate(rounds, 1)}, t=t)


def read(antenna, t, epc=EPC):
    return ReadRow(gateway="gw", antenna=antenna, epc=epc, t=t, rssi=-60.0)


def at_power():
    """A trial that probes a lower power, at 1000 s, ready for a walk."""
    trial = Trial(DOOR, EPC, 20, 900.0)
    trial.phase = "told"
    trial.tried.append(Tried(20, 3, 3))
    trial.search(990.0)
    trial.number = 0
    trial.powered(trial.wants_dbm, 999.0)
    trial.hear(looks(1000.0))
    trial.pass_time(1000.0)
    assert trial.is_ready
    return trial


def test_a_walk_is_read_once_it_was_heard_and_missed_once_the_gateway_told_of_later():
    trial = at_power()
    trial.walked(0, 1010.0)
    walk = trial.walks[0]
    trial.hear(read(2, 1005.0, epc="3414257BF400000000000002"))
    assert trial.read(walk) is None
    trial.hear(read(1, 1004.0))
    assert trial.read(walk) is True and not trial.read_from_every_side(walk)
    trial.hear(read(2, 1006.0))
    assert trial.read_from_every_side(walk)
    trial = at_power()
    trial.walked(0, 1010.0)
    trial.hear(looks(1010.0 + SETTLED_S - 0.1))
    assert trial.read(walk) is None
    trial.hear(looks(1010.0 + SETTLED_S))
    assert trial.read(walk) is False


def test_no_walk_begins_before_all_antennas_are_on_the_air_at_the_new_power():
    trial = at_power()
    trial.walked(0, 1010.0)
    trial.hear(looks(1020.0))
    trial.pass_time(1020.0)
    assert [one.passed for one in trial.tried] == [True, False]
    trial.powered(trial.wants_dbm, 1021.0)
    trial.hear(looks(1025.0, rounds=(5, 0)))
    trial.pass_time(1025.0)
    trial.walked(trial.number, 1026.0)
    assert not trial.is_ready and trial.walks == []
    trial.hear(looks(1030.0, rounds=(0, 5)))
    trial.pass_time(1030.0)
    assert trial.is_ready


def test_a_walk_past_a_reader_in_trouble_is_walked_again_and_says_nothing_of_the_power():
    trial = at_power()
    trial.walked(0, 1010.0)
    trial.hear(looks(1015.0, rounds=(5, 0)))
    trial.pass_time(1015.0)
    assert (len(trial.tried), trial.walks, trial.unlooked) == (1, [], (2,))
    assert not trial.is_ready


def test_a_walk_under_way_as_the_power_changes_belongs_to_no_power():
    trial = at_power()
    trial.walked(0, 1010.0)
    trial.hear(looks(1020.0))
    trial.pass_time(1020.0)  # the first was missed; the second is being walked
    assert (trial.wants_dbm, trial.at) == (14, "r1")
    trial.walked(1, 1021.0)
    assert (trial.walks, trial.at) == ([], "hall")
    trial.walked(1, 1022.0)
    assert trial.at == "hall"


def test_a_walk_that_was_none_is_walked_again_from_the_same_room():
    trial = at_power()
    trial.walked(0, 1010.0)
    assert (trial.at, trial.goal) == ("r1", "hall")
    trial.take_back(0, 1011.0)
    assert len(trial.walks) == 1  # an old page's button
    trial.take_back(1, 1011.0)
    assert (trial.at, trial.walks) == ("hall", [])
    trial.walked(1, 1012.0)  # the press that was on its way
    assert trial.walks == []
    trial.walked(2, 1020.0)
    assert trial.walks[0].start == 1011.0


def test_what_is_over_stays_as_it_ended():
    trial = at_power()
    trial.stop("left")
    trial.stop("trouble", "late")
    trial.walked(0, 1010.0)
    trial.pass_time(9999.0)
    assert (trial.end, trial.trouble, trial.walks) == ("left", None, [])
