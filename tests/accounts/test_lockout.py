"""Guessing: free at first, then slower and slower; bounded in memory."""

from edge.accounts import lockout
from edge.accounts.lockout import ACCOUNT, ADDRESS, Lockout

A, B = "192.0.2.20", "192.0.2.21"


def test_each_further_failure_doubles_the_wait_up_to_a_quarter_of_an_hour() -> None:
    guesses, now, waits = Lockout(), 0.0, []
    for _ in range(12):
        guesses.failed("desk", A, now)
        waits.append(guesses.wait_s("desk", A, now))
        now += waits[-1]
    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]


def test_an_account_is_locked_for_every_address_and_an_address_for_every_account() -> None:
    guesses = Lockout()
    for n in range(ACCOUNT.free):
        guesses.failed("desk", f"192.0.2.{n}", 0.0)
    assert guesses.wait_s("desk", "198.51.100.1", 0.0) == 30
    for n in range(ADDRESS.free):
        guesses.failed(f"name{n}", A, 0.0)
    assert guesses.wait_s("never tried", A, 0.0) == 30
    assert guesses.wait_s("never tried", B, 0.0) == 0


def test_many_tries_at_once_are_not_all_free() -> None:
    guesses = Lockout()
    let_in = 0
    for _ in range(100):  # each is counted before the first is judged
        if guesses.wait_s("desk", A, 5.0) == 0:
            guesses.failed("desk", A, 5.0)
            let_in += 1
    assert let_in == ACCOUNT.free


def test_signing_in_forgets_the_account_but_not_what_its_address_tried_elsewhere() -> None:
    guesses = Lockout()
    for n in range(ADDRESS.free):
        guesses.failed(f"name{n}", A, 0.0)
    guesses.failed("desk", A, 100.0)
    guesses.succeeded("desk", A)
    guesses.failed("next", A, 200.0)
    assert guesses.wait_s("desk", A, 200.0) > 0


def test_an_hour_without_failures_is_a_new_beginning() -> None:
    guesses = Lockout()
    for _ in range(ACCOUNT.free + 3):
        guesses.failed("desk", A, 0.0)
    guesses.failed("desk", A, 4000.0)
    assert guesses.wait_s("desk", A, 4000.0) == 0


def test_a_household_of_ipv6_counts_as_one() -> None:
    guesses = Lockout()
    for n in range(ADDRESS.free):
        guesses.failed(f"name{n}", f"2001:db8:1:2::{n:x}", 0.0)
    assert guesses.wait_s("x", "2001:db8:1:2:ffff::1", 0.0) > 0
    assert guesses.wait_s("x", "2001:db8:1:3::1", 0.0) == 0
    assert guesses.wait_s("x", "no address", 0.0) == 0


def test_what_is_remembered_is_bounded(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(lockout, "AT_MOST", 10)
    guesses = Lockout()
    for n in range(50):
        for _ in range(ACCOUNT.free):
            guesses.failed(f"name{n}", f"192.0.2.{n}", 0.0)
    locked = [n for n in range(50) if guesses.wait_s(f"name{n}", "198.51.100.1", 0.0) > 0]
    assert locked == list(range(40, 50))
