"""Time since boot, Unix time as the agent tells it, and the name of a boot."""

from gateway.boot_id import next_boot_id
from gateway.clock import Clock

from tests.firmware.fakes import FakeBoard


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
    clock.set_unix_ms(5000)
    ticks.at = 100
    clock.set_unix_ms(5020)
    assert clock.unix_ms() == 5100
    clock.set_unix_ms(5110)
    assert clock.unix_ms() == 5110


def test_a_clock_that_was_set_back_is_followed():
    ticks = Ticks(0)
    clock = Clock(ticks, 1000)
    clock.set_unix_ms(1763900000000)
    clock.set_unix_ms(1763800000000)
    assert clock.unix_ms() == 1763800000000


def test_an_old_estimate_is_replaced_even_by_a_smaller_one():
    ticks = Ticks(0)
    clock = Clock(ticks, 1000)
    clock.set_unix_ms(5000)
    for _ in range(61):
        ticks.at += 999
        clock.up_ms()
    clock.set_unix_ms(5000 + 61 * 999 - 10)
    assert clock.unix_ms() == 5000 + 61 * 999 - 10


def test_each_boot_counts_up_and_is_named_by_16_hex_digits():
    board = FakeBoard()
    names = [next_boot_id(board)[0] for _ in range(3)]
    assert names == ["0000000" + digit + "01020304" for digit in "123"]


def test_an_unreadable_counter_is_said_and_starts_again():
    board = FakeBoard()
    board.files["boot"] = b"what?"
    name, warning = next_boot_id(board)
    assert name.startswith("00000001") and "unreadable" in warning
