"""The firmware as a process, emulated modules on ptys, a real mosquitto, and acks as we like."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chain.modules import Modules
from tests.firmware.host.agent import OWN, FakeAgent
from tests.firmware.host.compiled import small_board
from tests.firmware.host.process import firmware, interpreter, stop
from tests.support.broker import Broker
from tests.support.waiting import wait_for

BOTH = pytest.mark.parametrize("name", ["micropython", "cpython"])


@pytest.fixture
def modules() -> Iterator[Modules]:
    with Modules(2, 12, 5, "3414257BF4") as running:
        yield running


@pytest.fixture
def agent(broker: Broker) -> Iterator[FakeAgent]:
    with FakeAgent(broker.port) as running:
        yield running


@pytest.mark.parametrize("name", ["micropython", "100k", "cpython"])
def test_every_notice_arrives_once_and_in_order(
    name: str,
    modules: Modules,
    agent: FakeAgent,
    broker: Broker,
    tmp_path: Path,
    micropython_binary: list[str],
) -> None:
    if name == "100k":
        words = small_board(micropython_binary, name)
    else:
        words = interpreter(name, micropython_binary)
    with firmware(words, tmp_path, modules.paths, broker.port) as process:
        wait_for(lambda: agent.sum_n() > 100, 20, "reads")
        modules.take_tags_away()
        assert stop(process) == 0
    wait_for(lambda: agent.sum_n() >= modules.notices_sent(), 5, "the last reads")
    assert agent.sum_n() == modules.notices_sent()
    assert agent.seqs() == list(range(len(agent.seqs())))
    assert agent.repeats() == []
    first, last = agent.said("status")[0], agent.said("status")[-1]
    assert first["online"] is True and first["readers"] == ["m100", "m100"]
    assert last == {"v": 1, "online": False, "boot": first["boot"]}


@BOTH
def test_a_broker_that_dies_and_forgets_costs_no_read(
    name: str,
    modules: Modules,
    agent: FakeAgent,
    broker: Broker,
    tmp_path: Path,
    micropython_binary: list[str],
) -> None:
    words = interpreter(name, micropython_binary)
    with firmware(words, tmp_path, modules.paths, broker.port) as process:
        wait_for(lambda: agent.sum_n() > 50, 20, "reads")
        broker.kill9()
        before = modules.notices_sent()
        wait_for(lambda: modules.notices_sent() > before + 50, 20, "reads without a broker")
        broker.start()
        wait_for(lambda: agent.sum_n() > before + 50, 30, "reads after the restart")
        modules.take_tags_away()
        assert stop(process) == 0
    wait_for(lambda: agent.sum_n() >= modules.notices_sent(), 5, "the last reads")
    assert agent.sum_n() == modules.notices_sent()
    assert agent.seqs() == list(range(len(agent.seqs())))


@BOTH
def test_what_is_held_at_a_stop_is_delivered_by_the_next_boot(
    name: str,
    modules: Modules,
    agent: FakeAgent,
    broker: Broker,
    tmp_path: Path,
    micropython_binary: list[str],
) -> None:
    words = interpreter(name, micropython_binary)
    with firmware(words, tmp_path, modules.paths, broker.port) as process:
        wait_for(lambda: agent.sum_n() > 20, 20, "reads")
        broker.kill9()
        before = modules.notices_sent()
        wait_for(lambda: modules.notices_sent() > before + 50, 20, "reads without a broker")
        modules.take_tags_away()
        assert stop(process) == 0
    sent = modules.notices_sent()
    broker.start()
    with firmware(words, tmp_path, modules.paths, broker.port):
        wait_for(lambda: agent.sum_n() >= sent, 20, "the reads of the boot before")
    assert agent.sum_n() == modules.notices_sent()


def test_what_is_not_confirmed_fills_the_window_and_is_sent_again(
    modules: Modules,
    agent: FakeAgent,
    broker: Broker,
    tmp_path: Path,
    micropython_binary: list[str],
) -> None:
    agent.confirming = False
    with firmware(micropython_binary, tmp_path, modules.paths, broker.port) as process:
        wait_for(lambda: agent.seqs() == list(range(16)), 20, "a full window")
        boot = str(agent.said("status")[0]["boot"])
        agent.confirm((boot, 3, 5))
        wait_for(lambda: agent.seqs() == list(range(19)), 10, "three more")
        assert agent.repeats() == []
        agent.says_it_is("second")
        still = [seq for seq in range(19) if not 3 <= seq <= 5]
        wait_for(lambda: sorted(seq for _, seq in agent.repeats()) == still, 5, "the rest again")
        bases = [agent.batches[boot, seq].base for seq in range(19)]
        assert bases == [0] * 19
        agent.confirming = True
        agent.says_it_is("third")
        modules.take_tags_away()
        assert stop(process) == 0
    wait_for(lambda: agent.sum_n() >= modules.notices_sent(), 5, "the last reads")
    assert agent.sum_n() == modules.notices_sent()


def test_the_broker_says_that_a_killed_gateway_is_offline(
    modules: Modules,
    agent: FakeAgent,
    broker: Broker,
    tmp_path: Path,
    micropython_binary: list[str],
) -> None:
    with firmware(micropython_binary, tmp_path, modules.paths, broker.port) as process:
        wait_for(lambda: agent.said("status"), 10, "the first status")
        process.send_signal(signal.SIGKILL)
        wait_for(lambda: agent.said("status")[-1]["online"] is False, 5, "the last will")


def test_a_config_is_applied_live_and_a_bad_one_refused_whole(
    modules: Modules,
    agent: FakeAgent,
    broker: Broker,
    tmp_path: Path,
    micropython_binary: list[str],
) -> None:
    with firmware(micropython_binary, tmp_path, modules.paths, broker.port, region=None) as process:
        wait_for(lambda: any("no region" in str(x["text"]) for x in agent.said("log")), 10, "log")
        assert modules.notices_sent() == 0
        agent.publish(OWN + "config", {"region": "US", "session": 9}, retain=True)
        wait_for(lambda: any("session" in str(x["text"]) for x in agent.said("log")), 5, "refusal")
        assert agent.said("status")[-1].get("config") is None
        agent.publish(OWN + "config", {"region": "US", "epc_prefixes": ["FFFF"]}, retain=True)
        wait_for(lambda: agent.said("status")[-1].get("config"), 5, "the config in the status")
        agent.publish(OWN + "config", {"region": "US", "epc_prefixes": []}, retain=True)
        wait_for(lambda: agent.sum_n() > 20, 10, "reads")
        assert stop(process) == 0


@BOTH
def test_commands_are_done_and_answered_and_a_reboot_begins_a_new_boot(
    name: str,
    modules: Modules,
    agent: FakeAgent,
    broker: Broker,
    tmp_path: Path,
    micropython_binary: list[str],
) -> None:
    def answer(do: str, **args: object) -> dict[str, Any]:
        own = f"{do} {args}"
        agent.publish(OWN + "cmd", {"id": own, "exp": 1 << 52, "do": do, "args": args})
        wait_for(lambda: any(r["id"] == own for r in agent.said("reply")), 10, own)
        return next(r for r in agent.said("reply") if r["id"] == own)

    with firmware(interpreter(name, micropython_binary), tmp_path, modules.paths, broker.port):
        wait_for(lambda: any(b.t for b in agent.batches.values()), 20, "a batch with a time")
        assert answer("update")["ok"] is False
        assert answer("set_power", antenna=9, dbm=20)["ok"] is False
        assert answer("set_power", antenna=1, dbm=25)["ok"] is True
        swept = answer("sweep", seconds=1)
        assert swept["ok"] is True and len(swept["tags"]) > 5
        epc = swept["tags"][0][0]
        assert answer("read_tid", epc=epc)["ok"] is True
        assert answer("selftest")["readers"][1]["ready"] is True
        assert answer("reboot")["ok"] is True
        wait_for(lambda: len({boot for boot, _ in agent.batches}) == 2, 20, "the next boot")


@BOTH
def test_a_flash_that_takes_no_config_costs_neither_the_config_nor_the_link(
    name: str,
    modules: Modules,
    agent: FakeAgent,
    broker: Broker,
    tmp_path: Path,
    micropython_binary: list[str],
) -> None:
    words = interpreter(name, micropython_binary)
    with firmware(words, tmp_path, modules.paths, broker.port):
        wait_for(lambda: agent.said("status"), 10, "a status")
        (tmp_path / "flash").rename(tmp_path / "lost")
        (tmp_path / "flash").write_text("no folder any more")
        agent.publish(OWN + "config", {"region": "EU"}, retain=True)
        wait_for(lambda: "cannot be kept" in str(agent.said("log")), 5, "the log line")
        assert [bool(status.get("config")) for status in agent.said("status")] == [False, True]
