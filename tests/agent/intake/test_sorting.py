"""What one commit takes over: new, repeated, quarantined."""

import json
from typing import Any

from edge.agent.intake.loss import Books
from edge.agent.intake.names import Names
from edge.agent.intake.queue import Fact, Message
from edge.agent.intake.sorting import QUARANTINED_PER_NAME, Commit, Earlier, Sorter
from edge.contracts.readlog import TimeRow
from edge.contracts.topics import Topics
from tests.agent.schools import BOOT, NEXT_BOOT, SITE, payload, read

TOPICS = Topics(SITE)


def new_sorter() -> Sorter:
    return Sorter(TOPICS, next_pos=1, origins={}, names=Names(), books=Books())


def message(seq: int, body: dict[str, Any] | bytes, boot: str = BOOT, gw: str = "gw-d1") -> Message:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Message(TOPICS.reads(gw, boot, seq), data, gw, rx=1_763_900_000.0)


def take(sorter: Sorter, *items: Message | Fact, **earlier: Any) -> Commit:
    decoded = sorter.decode(items)
    known = {name: earlier.get("earlier") or Earlier() for name in sorter.known(decoded)}
    commit = sorter.sort(items, decoded, known)
    sorter.committed(commit)
    return commit


def seqs(commit: Commit) -> list[int]:
    return [name.seq for name in commit.names]


def test_a_new_batch_is_journaled_after_the_row_of_its_boot() -> None:
    commit = take(new_sorter(), message(0, payload([read(1, n=4), read(2)])))
    assert [(j.pos, j.kind) for j in commit.journaled] == [(1, "boot"), (2, "batch")]
    assert (commit.batches, commit.reads, commit.sum_n) == (1, 2, 5)


def test_the_same_batch_again_is_a_repeat_whatever_its_base_and_sent() -> None:
    body = payload(t=1_763_899_999_000)
    commit = take(new_sorter(), message(3, body), message(3, body | {"base": 2, "sent": 99_999}))
    assert (commit.batches, commit.repeats, len(commit.quarantined)) == (1, 1, 0)
    assert seqs(commit) == [3, 3]


def test_a_time_filled_in_later_makes_no_other_content() -> None:
    body = payload()
    commit = take(
        new_sorter(), message(3, body), message(3, body | {"t": 1_763_899_999_000, "sync": 4})
    )
    assert (commit.batches, commit.repeats) == (1, 1)


def test_the_same_name_with_other_content_is_quarantined_and_the_first_stays() -> None:
    sorter = new_sorter()
    first = take(sorter, message(3, payload([read(1)])))
    body = first.journaled[-1].body
    again = take(sorter, message(3, payload([read(2)])), earlier=Earlier(journaled=body))
    assert (again.batches, again.repeats) == (0, 0)
    assert "other content" in again.quarantined[0].reason
    assert seqs(again) == [3]


def test_an_unreadable_batch_is_quarantined_once_and_confirmed_each_time() -> None:
    commit = take(new_sorter(), message(3, b"not json"), message(3, b"not json"))
    assert (len(commit.quarantined), commit.repeats) == (1, 1)
    assert seqs(commit) == [3, 3]


def test_a_name_is_not_quarantined_without_end() -> None:
    bodies = [message(3, b"not json %d" % n) for n in range(50)]
    commit = take(new_sorter(), *bodies)
    assert len(commit.quarantined) == QUARANTINED_PER_NAME
    assert commit.repeats == 50 - QUARANTINED_PER_NAME


def test_a_bad_read_goes_to_quarantine_and_its_batch_to_the_journal() -> None:
    commit = take(new_sorter(), message(3, payload([read(1), [1, 2], read(2)])))
    assert (commit.batches, commit.reads) == (1, 2)
    assert [(q.part, q.payload) for q in commit.quarantined] == [("read", b"[1, 2]")]
    assert commit.quarantined[0].seq == 3


def test_a_malformed_name_is_quarantined_without_confirmation() -> None:
    bad = Message(f"rollcall/{SITE}/gw-d1/reads/xyz/0", b"{}", "gw-d1", rx=1.0)
    commit = take(new_sorter(), bad)
    assert len(commit.quarantined) == 1
    assert not commit.names


def test_one_name_under_two_gateways_is_two_batches_and_one_book() -> None:
    sorter = new_sorter()
    commit = take(sorter, message(0, payload()), message(0, payload(), gw="gw-d2"))
    assert commit.batches == 2
    assert list(commit.books) == [BOOT]


def test_a_newer_boot_ends_the_books_of_the_older() -> None:
    sorter = new_sorter()
    take(sorter, message(0, payload()))
    commit = take(sorter, message(0, payload(), boot=NEXT_BOOT))
    assert commit.books[BOOT].ended_by == NEXT_BOOT
    assert commit.books[NEXT_BOOT].ended_by is None


def test_repeats_tell_of_base_but_not_of_place() -> None:
    sorter = new_sorter()
    first = take(sorter, message(5, payload(sent=10_100, base=5)))
    again = take(
        sorter,
        message(5, payload(sent=900_000, base=3)),
        earlier=Earlier(journaled=first.journaled[-1].body),
    )
    assert again.repeats == 1
    assert again.books[BOOT].offset == first.books[BOOT].offset


def test_a_commit_that_failed_leaves_no_trace() -> None:
    sorter = new_sorter()
    items = [message(0, payload()), Fact(TimeRow(rx=1.0), inbox=4)]
    once = sorter.sort(items, sorter.decode(items), {})
    again = sorter.sort(items, sorter.decode(items), {})
    assert [j.pos for j in once.journaled] == [j.pos for j in again.journaled] == [1, 2, 3]
    assert again.inbox == [4]
    assert sorter.books.lost() == 0
