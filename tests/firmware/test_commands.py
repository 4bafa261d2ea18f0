"""Commands are answered once, and refused when late."""

import json

from gateway.commands import Commands

from tests.firmware.fakes import FakeClock

NOW = 1763900000000


def command(name="1", do="sweep", exp=NOW + 5000):
    return json.dumps({"id": name, "exp": exp, "do": do, "args": {}}).encode()


def answered(commands, payload):
    return json.loads(commands.answer(payload))


def test_what_this_firmware_cannot_do_is_said():
    reply = answered(Commands(FakeClock(0, NOW), {}), command())
    assert reply == {"id": "1", "ok": False, "error": "not supported yet by this firmware"}


def test_a_repeat_is_answered_and_not_done_again_for_32_ids():
    done = []

    def count(args):
        done.append(args)
        return {"times": len(done)}

    commands = Commands(FakeClock(0, NOW), {"count": count})
    first = commands.answer(command("a", "count"))
    assert json.loads(first) == {"id": "a", "ok": True, "times": 1}
    for name in range(31):
        commands.answer(command(str(name), "count"))
    assert commands.answer(command("a", "count")) == first
    assert len(done) == 32
    commands.answer(command("one more", "count"))
    commands.answer(command("a", "count"))
    assert len(done) == 34


def test_a_command_of_another_shape_is_refused_with_a_reply():
    commands = Commands(FakeClock(0, NOW), {"sweep": dict})
    for place, fields in enumerate(({"do": ["sweep"]}, {"do": {}}, {"do": "sweep", "args": [1]})):
        fields.update({"id": str(place), "exp": NOW + 5000})
        reply = answered(commands, json.dumps(fields).encode())
        assert not reply["ok"] and reply["id"] == str(place)


def test_past_its_time_or_without_a_clock_a_command_is_refused():
    late = answered(Commands(FakeClock(0, NOW), {}), command(exp=NOW - 1))
    assert late["error"] == "expired"
    lost = answered(Commands(FakeClock(0), {}), command())
    assert "clock" in lost["error"]
    assert not answered(Commands(FakeClock(0, NOW), {}), b'{"id":"x","do":"reboot"}')["ok"]


def test_an_action_may_refuse_its_arguments():
    def refuse(args):
        raise ValueError("dbm: 99 is not 0 to 30")

    reply = answered(Commands(FakeClock(0, NOW), {"set_power": refuse}), command(do="set_power"))
    assert reply == {"id": "1", "ok": False, "error": "dbm: 99 is not 0 to 30"}


def test_what_has_no_id_has_no_answer():
    commands = Commands(FakeClock(0, NOW), {})
    for payload in (b"", b"{", b"[]", b"{}", b'{"id":7}', b"\xff\xfe"):
        assert commands.answer(payload) is None
