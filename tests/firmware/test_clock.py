"""Time since boot, Unix time as the agent tells it, and the name of a boot."""

from gateway.boot_id import next_boot_id
from gateway.clock import Clock

from tests.firmware.fakes import FakeBoard

NOW = 1763900000000


class Ticks:
    def __init__(self, at):
        self.at = at

    def __call__(self):
        return self.at % 1000


def test_time_since_boot_outlasts_the_wrap_of_the_ticks():
    ticks = Ticks(990)
    clock = Clock(ticks, 1000)
    seen = []
    for _ in range(10):
        ticks.at += 400
        seen.append(clock.up_ms())
    assert seen == list(range(400, 4001, 400))


def test_no_unix_time_until_somebody_told_it():
    clock = Clock(Ticks(0), 1000)
    assert clock.unix_ms() is None and clock.sync_s() is None and not clock.is_set


def test_unix_time_goes_on_from_where_it_was_set():
    ticks = Ticks(0)
    clock = Clock(ticks, 1000)
    clock.set_unix_ms(1763900000000)
    ticks.at = 700
    assert clock.unix_ms() == 1763900000700
    assert clock.unix_ms(100) == 1763900000100
    ticks.at += 900
    assert clock.unix_ms() == 1763900001600 and clock.sync_s() == 1


def test_a_later_message_that_was_longer_on_its_way_changes_nothing():
    ticks = Ticks(0)
    clock = Clock(ticks, 1000)
    clock.set_unix_ms(NOW)
    ticks.at = 100
    clock.set_unix_ms(NOW + 20)
    assert clock.unix_ms() == NOW + 100
    clock.set_unix_ms(NOW + 110)
    assert clock.unix_ms() == NOW + 110


def test_a_clock_that_was_set_back_is_followed():
    ticks = Ticks(0)
    clock = Clock(ticks, 1000)
    clock.set_unix_ms(1763900000000)
    clock.set_unix_ms(1763800000000)
    assert clock.unix_ms() == 1763800000000 and clock.steps == 1


def test_an_old_estimate_is_replaced_even_by_a_smaller_one():
    ticks = Ticks(0)
    clock = Clock(ticks, 1000)
    clock.set_unix_ms(NOW)
    for _ in range(61):
        ticks.at += 999
        clock.up_ms()
    clock.set_unix_ms(NOW + 61 * 999 - 10)
    assert clock.unix_ms() == NOW + 61 * 999 - 10


def test_a_time_that_cannot_be_is_refused_and_changes_nothing():
    clock = Clock(Ticks(0), 1000)
    clock.set_unix_ms(NOW)
    for wrong in (0, -1, 946684800000, 1700000000, 4102444800000):
        try:
            clock.set_unix_ms(wrong)
        except ValueError:
            continue
        raise AssertionError(wrong)
    assert clock.unix_ms() == NOW and clock.steps == 0


def told_for(hours, ppm, delays):
    """A clock that was told the time each 10 s, by messages late by `delays` in turn."""
    ticks = Ticks(0)
    clock = Clock(ticks, 1000)
    for at in range(hours * 360):
        for _ in range(20):
            ticks.at += 500
            clock.up_ms()
        true = NOW + ticks.at + ticks.at * ppm // 1_000_000
        clock.set_unix_ms(true - delays[at % len(delays)])
    return clock, ticks


def test_drift_is_found_through_the_networks_delays():
    for ppm in (-150, 0, 40):
        clock, _ = told_for(3, ppm, (5, 180, 60, 11, 90))
        assert abs(clock.drift_ppm - ppm) <= 5, (ppm, clock.drift_ppm)
        assert clock.steps == 0


def test_before_an_hour_no_drift_is_claimed():
    assert told_for(1, 100, (5,))[0].drift_ppm is None


def test_alone_the_clock_goes_on_by_the_drift_it_knows():
    clock, ticks = told_for(3, 150, (5,))
    for _ in range(7200):  # an hour without a word: uncorrected it would be 540 ms off
        ticks.at += 500
        clock.up_ms()
    true = NOW + ticks.at + ticks.at * 150 // 1_000_000
    assert abs(clock.unix_ms() - true) < 50


def test_each_boot_counts_up_and_is_named_by_16_hex_digits():
    board = FakeBoard()
    names = [next_boot_id(board)[0] for _ in range(3)]
    assert names == ["0000000" + digit + "01020304" for digit in "123"]


def test_an_unreadable_counter_is_said_and_starts_again():
    board = FakeBoard()
    board.files["boot"] = b"what?"
    name, warning = next_boot_id(board)
    assert name.startswith("00000001") and "unreadable" in warning
