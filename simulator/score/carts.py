"""Carts, in school hours: was the named set right, and by how much was the count off?"""

from collections import defaultdict

import msgspec

from edge.contracts.events import Docked, Retracted, Undocked
from edge.contracts.truth import TrueDocked
from simulator.score.facts import Facts
from simulator.score.intervals import (
    Interval,
    Steps,
    intersect,
    length,
    pieces,
    school_hours,
    subtract,
    union,
)

SETTLE_S = 20.0  # after each true change a cart is not judged
UNREADABLE_RULES = frozenset({"gateway-offline", "cart-unreadable"})

_Set = frozenset[str]


class CartScore(msgspec.Struct, frozen=True):
    """`exact`: share of time the named set was right; `mae`: mean error of the count.

    `unreadable`: share of time a cart said it could not be read; it is left out of both.
    """

    exact: float | None
    mae: float | None
    unreadable: float | None


def score_carts(facts: Facts) -> CartScore:
    """Weigh every cart's named set by time; see `CartScore`."""
    if not facts.true_docks:
        return CartScore(None, None, None)
    true, said = _true_sets(facts), _said_sets(facts)
    hours = school_hours(facts.school, facts.span)
    judged = exact = error = dark_s = 0.0
    for cart in sorted(set(facts.school.carts) | set(true)):
        dark = _unreadable(facts, cart)
        dark_s += length(intersect(hours, dark))
        settling = union((t, t + SETTLE_S) for t in true[cart].changes())
        window = subtract(subtract(hours, dark), settling)
        changes = [*true[cart].changes(), *said[cart].changes()]
        for start, end in pieces(window, changes):
            there, named = true[cart].at(start), said[cart].at(start)
            judged += end - start
            exact += (end - start) * (there == named)
            error += (end - start) * abs(len(there) - len(named))
    whole = length(hours) * max(1, len(set(facts.school.carts) | set(true)))
    return CartScore(
        exact=exact / judged if judged else None,
        mae=error / judged if judged else None,
        unreadable=dark_s / whole if whole else None,
    )


def _true_sets(facts: Facts) -> dict[str, Steps[_Set]]:
    sets: dict[str, Steps[_Set]] = defaultdict(lambda: Steps(frozenset()))
    for dock in sorted(facts.true_docks, key=lambda d: d.t):
        steps = sets[dock.cart]
        there = steps.at(dock.t)
        after = there | {dock.epc} if isinstance(dock, TrueDocked) else there - {dock.epc}
        steps.set_from(dock.t, after)
    return sets


def _said_sets(facts: Facts) -> dict[str, Steps[_Set]]:
    """What the page named at each moment: a statement holds from when it was decided."""
    sets: dict[str, Steps[_Set]] = defaultdict(lambda: Steps(frozenset()))
    undo: dict[str, tuple[str, str, bool]] = {}
    for event in facts.docks:
        if isinstance(event, Retracted):
            if event.of not in undo:
                continue
            cart, epc, put_back = undo.pop(event.of)
        elif isinstance(event, Docked | Undocked):
            cart, epc, put_back = event.cart, event.epc, isinstance(event, Docked)
            undo[event.id] = (cart, epc, not put_back)
        there = sets[cart].at(event.decided)
        sets[cart].set_from(event.decided, there | {epc} if put_back else there - {epc})
    return sets


def _unreadable(facts: Facts, cart: str) -> list[Interval]:
    known = facts.school.carts.get(cart)
    if known is None:
        return []
    return union(
        (alert.decided, facts.closed.get(alert.id, facts.span[1]))
        for alert in facts.alerts
        if alert.rule in UNREADABLE_RULES and alert.gateway == known.gateway
    )
