"""The live school, as emulated modules see it."""

from simulator.live import LiveSchool, live_short_day
from tests.simulator.demo_school import SCHOOL, START_S, devices


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def _live(clock: Clock) -> LiveSchool:
    return live_short_day(SCHOOL, devices(), 75.0, START_S, clock)


def _present(live: LiveSchool, clock: Clock, gateway: str, seconds: float = 5.0) -> set[bytes]:
    field = live.field(gateway)
    seen = set()
    for step in range(int(seconds * 10)):
        clock.now_s += 0.1
        for antenna in (1, 2):
            answers = field.answer(antenna, clock.now_s, 20.0, 902.75 + 0.5 * (step % 50))
            seen |= {answer.tag.epc for answer in answers if answer.heard}
    return seen


def test_carts_are_full_within_twenty_seconds_and_have_changed_within_two_minutes() -> None:
    clock = Clock()
    live = _live(clock)
    for cart in SCHOOL.carts:
        assert len(_present(live, clock, f"gw-{cart}")) >= 29  # one slot is dead
    assert clock.now_s < 1020
    clock.now_s = 1060.0
    assert any(len(_present(live, clock, f"gw-{cart}")) < 25 for cart in SCHOOL.carts)
    clock.now_s = 1100.5  # the break
    assert all(len(_present(live, clock, f"gw-{cart}")) >= 25 for cart in SCHOOL.carts)


def test_a_doorway_hears_those_who_walk_through_and_nobody_else() -> None:
    clock = Clock()
    live = _live(clock)
    fields = {door.id: live.field(door.gateway) for door in SCHOOL.doorways.values()}
    heard = set()
    while clock.now_s < 1300:
        clock.now_s += 0.2
        for door, field in fields.items():
            answers = field.answer(1, clock.now_s, 20.0, 910.25)
            heard |= {door for answer in answers if answer.heard}
            if live.walks_at(door) is None:
                assert not answers
    assert len(heard) >= 2


def test_the_same_tag_is_always_the_same_object() -> None:
    clock = Clock()
    live = _live(clock)
    field = live.field("gw-c1")
    first = {id(answer.tag) for answer in field.answer(1, clock.now_s, 20.0, 903.25)}
    again = {id(answer.tag) for answer in field.answer(2, clock.now_s, 20.0, 903.25)}
    assert first & again
    assert first | again <= {id(tag) for tag in live.tags}


def test_at_low_power_nobody_answers() -> None:
    clock = Clock()
    assert not _live(clock).field("gw-c1").answer(1, clock.now_s, -20.0, 903.25)


def test_an_antenna_that_the_file_does_not_name_hears_nothing() -> None:
    clock = Clock()
    assert not _live(clock).field("gw-c1").answer(7, clock.now_s, 20.0, 903.25)
