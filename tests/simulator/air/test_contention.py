"""Inventory rounds: whoever is alone in a place is read, and time runs out."""

import numpy as np
import pytest

from simulator.air.contention import LEAD_MS, PLACES, Outcome, Pace, run_rounds
from simulator.air.crowd import NO_WALK, Crowd, Links

SLOTS = 4000


def _links(powered: list[float], decoded: float = 1.0) -> Links:
    count = len(powered)
    return Links.made(
        np.arange(count),
        np.full(count, NO_WALK),
        np.array(powered),
        np.full(count, decoded),
        np.full(count, -50.0),
    )


def _run(
    links: Links, usable_ms: float = 20.0, away: np.ndarray | None = None, read_ms: float = 0.0
) -> Outcome:
    """All links in each of many slots; by default there is time for one round of 16 ms."""
    every = np.arange(SLOTS)
    crowd = Crowd(every, np.zeros(SLOTS, np.int64), np.full(SLOTS, len(links)), away)
    pace = Pace(*(np.full(SLOTS, ms) for ms in (usable_ms, 16.0, read_ms)))
    return run_rounds(crowd, links, pace, np.random.Generator(np.random.SFC64(1)))


def test_a_tag_alone_is_read_in_each_round() -> None:
    assert len(_run(_links([1.0])).link) == SLOTS
    assert len(_run(_links([1.0]), usable_ms=33.0).link) == 2 * SLOTS


@pytest.mark.parametrize("tags", [2, 8, 30])
def test_tags_that_draw_one_place_are_lost_for_the_round(tags: int) -> None:
    heard = len(_run(_links([1.0] * tags)).link) / SLOTS
    assert heard == pytest.approx(tags * (1 - 1 / PLACES) ** (tags - 1), rel=0.05)


def test_who_is_not_powered_disturbs_nobody() -> None:
    outcome = _run(_links([1.0, 0.0, 0.0]))
    assert len(outcome.link) == SLOTS and not outcome.link.any()


def test_half_of_the_answers_are_lost_that_are_decoded_half_the_time() -> None:
    assert len(_run(_links([1.0], decoded=0.5)).link) / SLOTS == pytest.approx(0.5, abs=0.03)


def test_a_tag_that_is_away_is_not_read_and_the_others_are() -> None:
    away = np.zeros((2, SLOTS), np.bool_)
    away[1, : SLOTS // 2] = True
    outcome = _run(_links([1.0, 1.0]), away=away)
    assert outcome.slot[outcome.link == 1].min() == SLOTS // 2
    assert np.count_nonzero(outcome.slot < SLOTS // 2) == SLOTS // 2


def test_reads_take_their_time_and_what_comes_too_late_is_lost() -> None:
    outcome = _run(_links([1.0] * 30), usable_ms=70.0, read_ms=14.5)
    assert outcome.after_ms.max() <= 70.0
    assert np.bincount(outcome.slot).max() == (70.0 - LEAD_MS) // 14.5
    in_order = np.lexsort((outcome.after_ms, outcome.slot))
    slot, after_ms = outcome.slot[in_order], outcome.after_ms[in_order]
    assert (np.diff(after_ms)[np.diff(slot) == 0] >= 14.5).all()
