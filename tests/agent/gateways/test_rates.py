"""An antenna's reads held against its own usual, and kept over a restart."""

import sqlite3
from contextlib import closing
from zoneinfo import ZoneInfo

import pytest

from edge.agent.gateways.rate_book import RateBook
from edge.agent.gateways.rates import DAYS, KNOWN_DAYS, Counts, HourCount, judged, window
from edge.agent.storage.database import FILE_NAME, DatabaseError, prepare
from edge.contracts.wire import Batch, Looks, WireRead

DENVER = ZoneInfo("America/Denver")
NOW = 1763995320.0  # 2025-11-24 07:42 in Denver
HOUR_MS = 3_600_000
HALF_ON_AIR_MS = HOUR_MS // 2


def hours_of(usual, today, *, days=10):
    """Hours of antennas: so many reads in each, on usual days and today."""
    wanted = window(NOW, DENVER)
    found = {}
    for day, each in enumerate(wanted[: days + 1]):
        for hour in each:
            reads = usual if day else today
            found[hour] = {a: HourCount(n, HALF_ON_AIR_MS) for a, n in reads.items()}
    return found, wanted


FOUR = {("gw-a", 1): 300, ("gw-a", 2): 240, ("gw-b", 1): 90, ("gw-c", 1): 600}


def test_an_antenna_that_hears_a_tenth_while_the_others_hear_as_usual_is_low():
    today = FOUR | {("gw-a", 2): 24}
    rates = judged(*hours_of(FOUR, today))
    assert (rates["gw-a", 2].rate, rates["gw-a", 2].usual) == (0.8, 8.0)
    assert [a for a, one in rates.items() if one.low] == [("gw-a", 2)]


def test_on_a_holiday_none_is_low():
    rates = judged(*hours_of(FOUR, dict.fromkeys(FOUR, 1)))
    assert not any(one.low for one in rates.values())


def test_a_gateway_that_was_off_for_half_of_it_is_not_low():
    hours, wanted = hours_of(FOUR, FOUR)
    for hour in wanted[0]:
        hours[hour]["gw-a", 2] = HourCount(120, HALF_ON_AIR_MS // 2)
    assert judged(hours, wanted)["gw-a", 2].rate == 8.0
    for hour in wanted[0]:
        hours[hour]["gw-a", 2] = HourCount(0, 1000)
    assert ("gw-a", 2) not in judged(hours, wanted)


def test_what_is_not_known_well_is_not_said():
    rates = judged(*hours_of(FOUR, FOUR, days=KNOWN_DAYS - 1))
    assert all(one.usual is None and one.days == KNOWN_DAYS - 1 for one in rates.values())
    few = dict.fromkeys(FOUR, 3)
    assert judged(*hours_of(few, few))["gw-a", 1].usual is None
    three = dict(list(FOUR.items())[:3])
    rates = judged(*hours_of(three, three | {("gw-a", 2): 0}))
    assert rates["gw-a", 2].usual and not rates["gw-a", 2].low


def test_the_hours_compared_are_the_same_by_the_clock_on_the_wall():
    first, *before = window(NOW, DENVER)
    assert [hour * 3600 - NOW < 0 for hour in first] == [True] * 3
    assert first[0] == NOW // 3600 - 1 and len(before) == DAYS
    assert first[0] - before[6][0] == 7 * 24
    assert first[0] - before[22][0] == 23 * 24 + 1  # summer time ended on 2 November


def a_batch(t, reads=2):
    read = WireRead(epc="3414", antenna=1, rssi=-60.0, dt=0, n=reads, span=0, peak=0)
    return Batch(v=1, t=t, up=0, sent=0, sync=1, base=0, looks={"1": Looks(5, 900)}, reads=[read])


def test_counts_are_kept_over_a_restart_and_a_late_batch_counts_in_its_hour(tmp_path):
    path = tmp_path / FILE_NAME
    prepare(path)
    early, late = round(NOW * 1000), round(NOW * 1000) - HOUR_MS
    for _start in range(2):
        book = RateBook(path)
        for place in (early, late, early, None):
            book.counts.batch("gw-a", a_batch(place), place)
        book.work(book.counts.take(), NOW, DENVER)
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT * FROM antenna_hours ORDER BY hour").fetchall()
    hour = int(NOW // 3600)
    assert rows == [(hour - 1, "gw-a", 1, 4, 1800), (hour, "gw-a", 1, 8, 3600)]


def test_what_cannot_be_written_counts_on(tmp_path):
    book = RateBook(tmp_path / "none.sqlite")
    book.counts.batch("gw-a", a_batch(0), 0)
    taken = book.counts.take()
    with pytest.raises(DatabaseError):
        book.work(taken, NOW, DENVER)
    book.counts.batch("gw-a", a_batch(0), 0)
    book.counts.give_back(taken)
    assert book.counts.take() == {0: {("gw-a", 1): HourCount(4, 1800)}}


def test_nothing_is_counted_twice():
    counts = Counts()
    counts.batch("gw-a", a_batch(0), 0)
    assert counts.take() and not counts.take()
