"""The table of failures in docs/gateway.md names only what page and alerts really say."""

import re

from edge.agent.gateways.rates import AntennaRate
from edge.agent.shown.views import GatewayState
from edge.api.words.gateways import state
from edge.contracts.alert_kinds import KINDS
from tests.api.fake_agent import a_gateway
from tests.support.files import ROOT

PAGE = (ROOT / "docs" / "gateway.md").read_text("utf-8")
TABLE = PAGE.split("## What fails, and how it shows")[1].split("\n## ")[0]
ROWS = [line.strip("| ").split(" | ") for line in TABLE.splitlines() if line.startswith("| ")][1:]
RESETS = {"power", "unclean", "crash", "watchdog", "wifi", "safe mode", "heap: .."}
GATEWAY_KINDS = {
    "gateway-offline",
    "gateway-silent",
    "not-looking",
    "deaf-antenna",
    "exchanged-antennas",
    "swapped-gateways",
    "level-drift",
    "read-rate",
    "clock-wrong",
    "two-boards",
}


def test_every_state_in_quotes_is_one_that_the_page_says() -> None:
    odd = a_gateway(known=False, conflict=["a", "b"], clock_odd="late", config_current=False)
    said = set(state(odd).split(", ")) | set(state(a_gateway(clock_set=False)).split(", "))
    low = AntennaRate(antenna=2, start=0.0, end=1.0, rate=0.1, days=9, usual=9.0, low=True)
    said |= set(state(a_gateway(rates=[low])).split(", "))
    said |= set(GatewayState.__args__)
    quoted = {word for row in ROWS for word in re.findall(r'"([^"]+)"', row[2])}
    assert quoted - RESETS == said - {"online"}


def test_the_alerts_named_are_the_gateways_own_and_all_of_them() -> None:
    named = {kind for row in ROWS for kind in re.findall(r"`([a-z-]+)`", " ".join(row[3:]))}
    assert named == GATEWAY_KINDS <= set(KINDS)
