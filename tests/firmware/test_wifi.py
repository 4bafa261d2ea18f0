"""The steps that help a Wi-Fi link along, and what is said of it."""

from gateway.wifi import RECONNECT, RESET, RESTART, Keeper, Steps

from tests.firmware.fakes import FakeClock

HOUR_S = 3600


def taken(steps, since_s, until_s):
    """(second, step) of each step while the link is down."""
    found = [(at, steps.next(at * 1000, False)) for at in range(since_s, until_s)]
    return [(at, step) for at, step in found if step]


def test_the_system_is_given_a_minute_and_then_helped_ever_more():
    steps = Steps()
    assert steps.next(0, True) is None
    assert taken(steps, 1, 600) == [
        (61, RECONNECT),
        (121, RECONNECT),
        (301, RESTART),
        (481, RESTART),
    ]


def test_a_link_that_comes_back_begins_anew_and_is_counted_as_lost_once():
    steps = Steps()
    for at in range(3):
        assert steps.next(at * 100_000, True) is None
        assert taken(steps, at * 100 + 1, at * 100 + 50) == []
    assert steps.losses == 3


def test_a_reset_is_the_last_step_after_an_hour():
    steps = Steps()
    steps.next(0, True)
    found = taken(steps, 1, HOUR_S + 2)
    assert found[-1] == (HOUR_S + 1, RESET) and RESET not in [step for _, step in found[:-1]]


def test_where_it_never_worked_a_reset_waits_for_six_hours():
    steps = Steps()
    found = taken(steps, 0, 6 * HOUR_S + 1)
    assert found[-1] == (6 * HOUR_S, RESET) and RESET not in [step for _, step in found[:-1]]
    assert steps.losses == 0


class Radio:
    def __init__(self):
        self.there = True
        self.asked = []

    def connect(self):
        self.asked.append("connect")

    def reconnect(self):
        self.asked.append("reconnect")

    def restart(self):
        self.asked.append("restart")

    def is_connected(self):
        return self.there

    def trouble(self):
        return "beacon lost"


def test_the_keeper_takes_the_steps_and_says_what_changes_once():
    radio, clock, said, resets = Radio(), FakeClock(), [], []
    keeper = Keeper(radio, clock, lambda level, text: said.append(text), resets.append)
    keeper.step()
    radio.there = False
    for _ in range(HOUR_S + 2):
        clock.ms += 1000
        keeper.step()
    assert radio.asked[:3] == ["reconnect", "reconnect", "restart"] and set(resets) == {"wifi"}
    assert said[:2] == [
        "Wi-Fi was lost: beacon lost",
        "Wi-Fi is away (beacon lost): reconnect",
    ]
    radio.there = True
    keeper.step()
    keeper.step()
    assert said[-1] == "Wi-Fi is there" and keeper.connected and keeper.losses == 1
