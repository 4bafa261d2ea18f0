"""The harnesses: drawn from their sources, wired as the pages say, and burning nothing."""

import re
import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

import pytest

from tests.firmware import fake_esp32
from tests.hardware.nets import Nets
from tests.support.drawings import Drawing, drawings
from tests.support.files import ROOT

WIRING = (ROOT / "hardware" / "wiring.md").read_text("utf-8")
ALL = pytest.mark.parametrize("drawing", drawings(), ids=lambda drawing: drawing.name)
PLANS = ["a0", "m100", "m100-two", "m6e", "uhfreader18"]
# ESP-IDF, GPIO pages of either chip: strapping, flash and PSRAM, console, USB; 34-39 of the ESP32
# cannot drive anything.
TAKEN = {
    "devkitc": {0, 2, 5, 12, 15, *range(6, 12), 1, 3, *range(34, 40)},
    "s3": {0, 3, 45, 46, *range(26, 38), 43, 44, 19, 20},
}


def test_each_plan_is_drawn_on_both_boards() -> None:
    assert [d.name for d in drawings()] == [f"{p}-{b}" for p in PLANS for b in ("devkitc", "s3")]


@ALL
def test_a_drawing_was_made_from_what_its_sources_say_now(drawing: Drawing) -> None:
    assert drawing.svg.read_text("utf-8").endswith(drawing.mark), "run: make drawings"
    assert f"harness/{drawing.name}.svg" in WIRING


@ALL
def test_the_table_of_pins_says_what_is_drawn(drawing: Drawing) -> None:
    column = {"devkitc": 0, "s3": 1}[drawing.board.stem]
    said = {name: cells[column] for name, cells in rows(r"(?:TX|RX|EN)\d|LED").items()}
    assert said == {name: str(gpio) for name, gpio in gpios(drawing).items()}


@ALL
def test_no_pin_is_used_that_the_board_needs_itself(drawing: Drawing) -> None:
    used = list(gpios(drawing).values())
    assert len(set(used)) == len(used)
    assert set(used) & TAKEN[drawing.board.stem] == set()


@ALL
def test_what_the_one_sends_the_other_receives(drawing: Drawing) -> None:
    nets = Nets(drawing.harness())
    for number in uarts(nets):
        part, label = nets.receiver(("BOARD", f"TX{number}"))
        assert (part, label[:2]) == (f"MODULE{number}", "RX")
        sender = next(pin for pin in pins_of(nets, part) if pin[1][:2] == "TX")
        assert nets.receiver(sender) == ("BOARD", f"RX{number}")


@ALL
def test_the_ports_of_the_settings_are_those_drawn_and_the_firmware_takes_them(
    drawing: Drawing,
) -> None:
    addresses = ports(drawing)
    cell = rows("`[a-z0-9-]+`")[f"`{drawing.plan.stem}`"][drawing.board.stem == "s3"]
    assert re.findall(r"`(uart[^`]+)`", cell) == addresses
    for address in addresses:
        assert uart_port()(address).name == address.split(":")[0]


def test_the_board_that_proves_the_firmware_is_wired_like_these() -> None:
    (first,) = [d for d in drawings() if d.name == "m100-devkitc"]
    contract = (ROOT / "tests" / "firmware" / "board_contract.py").read_text("utf-8")
    tried = re.findall(r'^ADDRESS = "(.+)"$', contract, re.MULTILINE)
    assert [ports(first)[0].startswith(f"{address},") for address in tried] == [True]


@ALL
def test_every_module_has_the_supply_and_not_the_board_behind_it(drawing: Drawing) -> None:
    nets = Nets(drawing.harness())
    assert {part for part, _ in nets.net(("BOARD", "3.3 V out"))} <= {"BOARD", "LEVELS"}
    for part in modules(nets):
        power = next(pin for pin in pins_of(nets, part) if pin[1] in ("VCC", "12 V"))
        net = nets.net(power)
        if ("SWITCH", "OUT") in net:
            net = nets.net(("SWITCH", "IN"))
        assert "SUPPLY" in {source for source, _ in net}


@ALL
def test_everything_that_speaks_shares_one_ground(drawing: Drawing) -> None:
    nets = Nets(drawing.harness())
    ground = nets.net(("SUPPLY", "ground"))
    for part in {"BOARD", "SWITCH", "LEVELS", "STEPDOWN", *modules(nets)} & set(nets.parts):
        own = {pin for pin in pins_of(nets, part) if "ground" in pin[1] or pin[1] == "GND"}
        assert own and own <= ground


@ALL
def test_nothing_above_3_3_volts_meets_a_pin_of_the_board(drawing: Drawing) -> None:
    nets = Nets(drawing.harness())
    for name in gpios(drawing):
        for part, _ in nets.net(("BOARD", name)) - {("BOARD", name)}:
            logic = str(nets.parts[part].get("subtype", ""))
            assert "5 V logic" not in logic and "RS-232" not in logic


def rows(name: str) -> dict[str, list[str]]:
    """The rows of the page's first table whose first cells look like this: the cells after it."""
    found = re.findall(rf"^\| ({name}) \| (.*) \|$", WIRING, re.MULTILINE)
    return {first: rest.split(" | ") for first, rest in reversed(found)}


def gpios(drawing: Drawing) -> dict[str, int]:
    board = drawing.harness()["connectors"]["BOARD"]
    named = zip(board["pinlabels"], board["pins"], strict=True)
    return {label: pin for label, pin in named if isinstance(pin, int)}


def uarts(nets: Nets) -> list[int]:
    return [number for number in (1, 2) if nets.wired(("BOARD", f"TX{number}"))]


def ports(drawing: Drawing) -> list[str]:
    """What stands as `port` in the settings of a gateway that is wired so."""
    nets, gpio = Nets(drawing.harness()), gpios(drawing)
    return [
        f"uart{n}:"
        + ",".join(
            str(gpio[f"{role}{n}"])
            for role in ("TX", "RX", "EN")
            if nets.wired(("BOARD", f"{role}{n}"))
        )
        for n in uarts(nets)
    ]


def pins_of(nets: Nets, part: str) -> list[tuple[str, str]]:
    return [(part, label) for label in nets.parts[part]["pinlabels"]]


def modules(nets: Nets) -> list[str]:
    return [part for part in nets.parts if part.startswith("MODULE")]


@cache
def uart_port() -> Any:
    """The firmware's own, from its file: the fakes it is loaded with stay out of other tests."""
    before = {name: sys.modules.get(name) for name in ("machine", "esp32")}
    fake_esp32.install()
    spec = spec_from_file_location("board_for_harness", ROOT / "firmware" / "board" / "esp32.py")
    assert spec and spec.loader
    loaded = module_from_spec(spec)
    spec.loader.exec_module(loaded)
    for name, module in before.items():
        if module is None:
            del sys.modules[name]
        else:
            sys.modules[name] = module
    return loaded.UartPort
