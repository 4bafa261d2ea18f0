"""Scenarios in which people do other things than on an ordinary day, and nothing is broken."""

from __future__ import annotations

from functools import partial

from simulator.people.acts.drill import Drill
from simulator.people.acts.loitering import Loiter
from simulator.people.acts.rolling import Roll
from simulator.people.acts.rush import Rush
from simulator.people.acts.strolling import Stroll
from simulator.people.acts.taking import Take
from simulator.scenarios.scenario import Scenario

# Classes stay in their rooms and carts stay shut, so that all that moves is what an act moves.
ONLY_ACTS = {
    "idle_share": 1.0,
    "staying_share": 1.0,
    "errand_share": 0.0,
    "turn_share": 0.0,
    "early_exits": 0.0,
}

DAYS: dict[str, Scenario] = {
    "demo-day": Scenario("an ordinary day by the school's bells, as its file describes it"),
    "quiet-day": Scenario(
        "classes stay in their rooms; devices are carried through doors one at a time",
        changes={
            "away_share": 0.0,
            "staying_share": 1.0,
            "idle_share": 0.3,
            "errand_share": 0.2,
            "turn_share": 0.02,
            "forgotten_share": 0.002,
            "early_exits": 0.5,
        },
    ),
    "bell-rush": Scenario(
        "at each bell all classes change rooms: thirty devices through one door in 40 s",
        changes=ONLY_ACTS,
        acts=(Rush,),
    ),
    "loiterers": Scenario(
        "people stand in doorways and turn round in them; bags lie beside a door for hours",
        changes=ONLY_ACTS,
        acts=(Loiter,),
    ),
    "hall-passers": Scenario(
        "people walk along the halls, past many doors, and back to where they came from",
        changes=ONLY_ACTS,
        acts=(Stroll,),
    ),
    "end-of-day": Scenario(
        "an ordinary day after which most devices are taken home, to come back next morning",
        changes={"take_home_share": 0.9, "cart_take_home_share": 0.6, "arriving_share": 0.8},
    ),
    "theft": Scenario(
        "hundreds of devices a day leave by the exits, nearly all without leave; some turn there",
        changes={**ONLY_ACTS, "take_home_share": 0.0, "arriving_share": 0.0},
        acts=(Take,),
    ),
    "exits": Scenario(
        "as theft, with each device taken again and again: some 3,000 exits a day, to count on",
        changes={**ONLY_ACTS, "take_home_share": 0.0, "arriving_share": 0.0},
        acts=(partial(Take, times=8, back_s=(30.0, 180.0)),),
    ),
    "drill": Scenario(
        "every third lesson all leave by the nearest exit at one time, many with a device",
        changes=ONLY_ACTS,
        acts=(Drill,),
    ),
    "clothes": Scenario(
        "an ordinary day on which half the people wear foreign tags, and sit near doors with them",
        clothes=True,
    ),
    "cart-roundtrip": Scenario(
        "carts are rolled to other rooms and back, their gateways dark until plugged in again",
        changes={"forgotten_share": 0.0, "early_exits": 0.0},
        acts=(Roll,),
        rolls_carts=True,
    ),
}
