"""Commands are answered once, and refused when late."""

import asyncio
import json

from drivers.errors import TagFault
from gateway.commands import Commands, Later

from tests.firmware.fakes import FakeClock

NOW = 1763900000000


def command(name="1", do="sweep", exp=NOW + 5000):
    return json.dumps({"id": name, "exp": exp, "do": do, "args": {}}).encode()


class Bench:
    def __init__(self, actions, unix=NOW):
        self.replies = []
        self.failures = []
        self.commands = Commands(
            FakeClock(0, unix),
            actions.get,
            self.replies.append,
            lambda name, error: self.failures.append(error),
        )

    def answers(self, payload):
        """The replies to this."""
        self.replies.clear()
        self.commands.take(payload)
        return [json.loads(reply) for reply in self.replies]


def test_what_this_firmware_cannot_do_is_said():
    replies = Bench({}).answers(command())
    assert replies == [{"id": "1", "ok": False, "error": "not supported yet by this firmware"}]


def test_a_repeat_is_answered_and_not_done_again_for_32_ids():
    done = []

    def count(args):
        done.append(args)
        return {"times": len(done)}

    bench = Bench({"count": count})
    first = bench.answers(command("a", "count"))
    assert first == [{"id": "a", "ok": True, "times": 1}]
    for name in range(31):
        bench.answers(command(str(name), "count"))
    assert bench.answers(command("a", "count")) == first
    assert len(done) == 32
    bench.answers(command("one more", "count"))
    bench.answers(command("a", "count"))
    assert len(done) == 34


def test_long_replies_are_not_kept_for_ever_and_a_repeat_is_still_not_done():
    done = []

    def long(args):
        done.append(args)
        return {"long": "x" * 1000}

    bench = Bench({"long": long})
    for at in range(10):
        bench.answers(command(str(at), "long"))
    assert sum([len(place[1]) for place in bench.commands._answered]) < 6000
    assert bench.answers(command("0", "long")) == [{"id": "0", "ok": True, "repeat": True}]
    assert "long" in bench.answers(command("9", "long"))[0]
    assert len(done) == 10


def test_a_command_of_another_shape_is_refused_with_a_reply():
    bench = Bench({"sweep": dict})
    for place, fields in enumerate(({"do": ["sweep"]}, {"do": {}}, {"do": "sweep", "args": [1]})):
        fields.update({"id": str(place), "exp": NOW + 5000})
        replies = bench.answers(json.dumps(fields).encode())
        assert not replies[0]["ok"] and replies[0]["id"] == str(place)


def test_past_its_time_or_without_a_clock_a_command_is_refused():
    assert Bench({}).answers(command(exp=NOW - 1))[0]["error"] == "expired"
    assert "clock" in Bench({}, None).answers(command())[0]["error"]
    assert not Bench({}).answers(b'{"id":"x","do":"reboot"}')[0]["ok"]


def test_an_action_may_refuse_its_arguments():
    def refuse(args):
        raise ValueError("dbm: 99 is not 0 to 30")

    replies = Bench({"set_power": refuse}).answers(command(do="set_power"))
    assert replies == [{"id": "1", "ok": False, "error": "dbm: 99 is not 0 to 30"}]


def test_what_has_no_id_is_an_error():
    bench = Bench({})
    for payload in (b"", b"{", b"[]", b"{}", b'{"id":7}', b"\xff\xfe"):
        try:
            bench.commands.take(payload)
        except ValueError:
            continue
        raise AssertionError(payload)


def slowly(outcomes):
    """An action whose works end as `outcomes` say, when `done` is set."""
    done = asyncio.Event()

    async def work():
        await done.wait()
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return done, lambda args: Later(work)


def test_what_takes_its_time_is_answered_when_it_is_done_and_once():
    async def check():
        done, action = slowly([{"tid": "E2"}])
        bench = Bench({"read_tid": action})
        assert bench.answers(command(do="read_tid")) == []
        assert bench.answers(command(do="read_tid")) == []  # a repeat while it is being done
        done.set()
        await asyncio.sleep(0.01)
        assert [json.loads(reply)["tid"] for reply in bench.replies] == ["E2"]
        assert len(bench.answers(command(do="read_tid"))) == 1

    asyncio.run(check())


def test_trouble_of_what_takes_its_time_is_answered_and_a_bug_reported():
    async def check():
        done, action = slowly([TagFault("read", 9, "no tag"), KeyError("bug")])
        bench = Bench({"read_tid": action})
        bench.answers(command("a", "read_tid"))
        bench.commands.take(command("b", "read_tid"))
        done.set()
        await asyncio.sleep(0.01)
        replies = [json.loads(reply) for reply in bench.replies]
        assert [reply["ok"] for reply in replies] == [False, False]
        assert "no tag" in replies[0]["error"] and len(bench.failures) == 1

    asyncio.run(check())


def test_only_so_many_run_at_once():
    async def check():
        done, action = slowly([{}] * 4)
        bench = Bench({"sweep": action})
        for name in "abcd":
            assert bench.answers(command(name)) == []
        assert "busy" in bench.answers(command("e"))[0]["error"]
        done.set()
        await asyncio.sleep(0.01)
        assert len(bench.replies) == 5

    asyncio.run(check())
