"""`rollcall simulate school`: files, errors in one line, and live over a real broker."""

import threading
from pathlib import Path

import msgspec
import pytest
import typer
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from typer.testing import CliRunner

from edge.commands.failure import Failure
from edge.commands.simulate_school import school
from edge.contracts.devices import read_devices
from edge.contracts.readlog import SchoolRow, decode_row
from edge.contracts.school_file import load_school
from edge.contracts.topics import Topics
from edge.contracts.wire import Ack, AckRange, Status, decode_batch
from tests.support.broker import Broker
from tests.support.waiting import wait_for

SCHOOL = "simulator/schools/demo.toml"

app = typer.Typer()
app.command()(school)


def _run(*more: str, hours: str = "0.05") -> object:
    return CliRunner().invoke(app, ["--school", SCHOOL, "--hours", hours, "--seed", "1", *more])


def test_it_writes_log_truth_and_the_devices_it_made(tmp_path: Path) -> None:
    result = _run("--out", str(tmp_path / "new" / "folder"))
    assert result.exit_code == 0
    assert "times real time" in result.stderr
    folder = tmp_path / "new" / "folder"
    assert {path.name for path in folder.iterdir()} == {"reads.jsonl", "truth.jsonl", "devices.csv"}
    devices, problems = read_devices(folder / "devices.csv")
    assert len(devices) == 120 and not problems


def test_given_devices_are_used_and_not_written_again(tmp_path: Path) -> None:
    given = tmp_path / "given.csv"
    given.write_text("epc,cart\n3414257BF40000000000AAA1,c1\n3414257BF40000000000AAA2,\n")
    result = _run("--devices", str(given), "--out", str(tmp_path / "out"))
    assert result.exit_code == 0
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"reads.jsonl", "truth.jsonl"}
    epcs = {line.split('"epc":"')[1][:24] for line in (tmp_path / "out" / "truth.jsonl").open()}
    assert epcs == {"3414257BF40000000000AAA1", "3414257BF40000000000AAA2"}


def test_a_district_brings_its_school_of_40_000_devices_in_30_buildings(tmp_path: Path) -> None:
    asked = ["--scenario", "district", "--hours", "0.0001", "--seed", "1", "--out", str(tmp_path)]
    assert CliRunner().invoke(app, asked).exit_code == 0
    made = load_school(tmp_path / "school.toml")
    fronts = [room for room in made.rooms.values() if room.kind == "outside"]
    assert len(fronts) == 30 and len(made.carts) > 800
    devices, problems = read_devices(tmp_path / "devices.csv")
    assert len(devices) == 40_000 and not problems


def test_a_school_is_given_where_the_scenario_brings_none_and_only_there(tmp_path: Path) -> None:
    both = _run("--scenario", "district", "--out", str(tmp_path))
    neither = CliRunner().invoke(app, ["--hours", "1", "--seed", "1", "--out", str(tmp_path)])
    assert both.exit_code == neither.exit_code == 2


@pytest.mark.parametrize("start", ["2026-10-05T07:45", "2026-10-05T07:45:00-06:00", "1791207900"])
def test_start_is_school_time_iso_time_or_unix_seconds(tmp_path: Path, start: str) -> None:
    assert _run("--out", str(tmp_path), "--start", start).exit_code == 0
    row = decode_row((tmp_path / "reads.jsonl").open("rb").readline(), 1)
    assert isinstance(row, SchoolRow) and row.rx == 1791207900.0


def test_without_a_start_it_begins_ten_minutes_before_the_first_bell(tmp_path: Path) -> None:
    assert _run("--out", str(tmp_path)).exit_code == 0
    row = decode_row((tmp_path / "reads.jsonl").open("rb").readline(), 1)
    assert row is not None and row.rx == 1789393800.0  # Monday 2026-09-14, 07:50 in Denver


def test_an_unknown_scenario_is_a_failure_that_names_the_known(tmp_path: Path) -> None:
    result = _run("--scenario", "moon", "--out", str(tmp_path))
    assert isinstance(result.exception, Failure)
    assert 'no scenario "moon"; known: demo-day' in str(result.exception)


@pytest.mark.parametrize(
    "more",
    [[], ["--out", "x", "--mqtt", "mqtt://127.0.0.1"], ["--out", "x", "--start", "yesterday"]],
)
def test_wrong_usage_is_status_2(more: list[str]) -> None:
    assert _run(*more).exit_code == 2


def test_a_folder_that_cannot_be_made_is_a_failure_that_names_it(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    result = _run("--out", str(blocked))
    assert isinstance(result.exception, Failure)
    assert str(blocked) in str(result.exception)


def test_a_url_that_is_no_broker_is_a_failure(tmp_path: Path) -> None:
    result = _run("--mqtt", "http://127.0.0.1")
    assert isinstance(result.exception, Failure)


def test_over_mqtt_gateways_come_online_and_send_each_batch_until_it_is_confirmed(
    broker: Broker,
) -> None:
    topics = Topics("lincoln")
    batches: dict[tuple[str, int], int] = {}
    statuses: dict[str, list[bool]] = {}
    subscribed = threading.Event()

    def on_message(client: Client, userdata: object, message: MQTTMessage) -> None:
        topic = topics.parse(message.topic)
        if topic.channel == "status":
            status = msgspec.json.decode(message.payload, type=Status)
            statuses.setdefault(topic.gateway, []).append(status.online)
        elif topic.channel == "reads" and topic.boot is not None and topic.seq is not None:
            batch, bad = decode_batch(message.payload)
            assert not bad and batch.t is not None and set(batch.looks) == {"1", "2"}
            key = (topic.gateway, topic.seq)
            batches[key] = batches.get(key, 0) + 1
            got = [AckRange(topic.boot, topic.seq, topic.seq)]
            ack = msgspec.json.encode(Ack(v=1, agent="a", now=None, got=got))
            client.publish(topics.channel(topic.gateway, "ack"), ack)

    agent = Client(CallbackAPIVersion.VERSION2)
    agent.on_message = on_message
    agent.on_subscribe = lambda *_: subscribed.set()
    agent.connect("127.0.0.1", broker.port)
    agent.subscribe([(topic, 1) for topic in topics.subscriptions()])
    agent.loop_start()
    try:
        assert subscribed.wait(5)
        result = _run("--mqtt", broker.url, hours="0.0015")
        wait_for(lambda: all(said[-1:] == [False] for said in statuses.values()), 20, "farewells")
    finally:
        agent.disconnect()
        agent.loop_stop()
    assert result.exit_code == 0, result.exception
    assert ", 0 not confirmed by an agent, 0 dropped" in result.stderr
    assert {gateway for gateway, _ in batches} >= {"gw-c1", "gw-c2", "gw-c3"}
    assert set(batches.values()) == {1}
    assert all(said == [True, False] for said in statuses.values()) and len(statuses) == 11
