"""Each kind of alert has a name, a sentence, and a line in the documents."""

import ast
from pathlib import Path

import pytest

from edge.contracts.alert_kinds import KINDS, sentence
from edge.contracts.events import Alert

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / "edge" / "agent" / "engine"


class Plain:
    """Names things by their ids."""

    def device(self, epc: str) -> str:
        return epc[-2:]

    def place(self, kind: str, id_: str) -> str:
        return f"{kind} {id_}"

    def moment(self, at: float) -> str:
        return f"{at:.0f}"


def raised_by_the_engine() -> set[str]:
    """The first argument of every Cause(...) in the engine."""
    calls = [
        node
        for path in ENGINE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Cause"
    ]
    return {c.args[0].value for c in calls if c.args and isinstance(c.args[0], ast.Constant)}


def test_every_kind_the_engine_raises_has_its_sentence() -> None:
    assert raised_by_the_engine() <= set(KINDS)
    assert "left-building" in raised_by_the_engine()


@pytest.mark.parametrize("rule", sorted(KINDS))
def test_the_contracts_list_every_kind_with_its_reasons(rule: str) -> None:
    table = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
    [line] = [line for line in table.splitlines() if line.startswith(f"| `{rule}` |")]
    for reason in KINDS[rule].closed_by:
        assert f"`{reason}`" in line


def test_a_sentence_names_things_as_people_do() -> None:
    alert = Alert("1.0", 60.0, 61.0, "left-building", False, epc="AB17", doorway="front")
    assert sentence(alert, Plain()).startswith("Device 17 left by doorway front at 60, and")


def test_a_sentence_tells_what_the_evidence_says() -> None:
    why = {"since": 50.0, "blind": ["doorway/d1", "cart/c1"]}
    alert = Alert("1.0", 50.0, 61.0, "gateway-offline", False, gateway="gw-1", why=why)
    said = sentence(alert, Plain())
    assert said.startswith("gateway gw-1 is offline since 50, and nobody reads doorway d1, cart c1")


def test_a_sentence_is_said_in_another_language() -> None:
    alert = Alert("1.0", 60.0, 61.0, "two-boards", False, gateway="gw-1")
    said = sentence(alert, Plain(), lambda text: f"¡{text[-10:]}{{gateway}}!")
    assert said == "¡nother id.gateway gw-1!"


def test_missing_evidence_and_unknown_kinds_still_give_a_sentence() -> None:
    assert "?" in sentence(Alert("1.0", 60.0, 61.0, "missing", False, epc="AB17"), Plain())
    assert "of-tomorrow" in sentence(Alert("1.0", 60.0, 61.0, "of-tomorrow", False), Plain())
