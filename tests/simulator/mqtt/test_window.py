"""The window of unconfirmed batches keeps the rules of the wire."""

from simulator.gateways.batching import SentBatch
from simulator.mqtt.window import HELD, ON_WIRE, Window


def _batch(seq: int) -> SentBatch:
    return SentBatch("gw", "0" * 16, seq, 0, 0, {}, [])


def _window(batches: int) -> Window:
    window = Window()
    for seq in range(batches):
        window.put(_batch(seq))
    return window


def test_sixteen_batches_are_on_the_wire_and_the_next_go_when_some_are_confirmed() -> None:
    window = _window(20)
    assert [batch.seq for batch in window.due(0.0)] == list(range(ON_WIRE))
    assert window.due(1.0) == []
    window.confirm(3, 5)
    assert [batch.seq for batch in window.due(1.0)] == [16, 17, 18]
    assert window.base() == 0


def test_an_unconfirmed_batch_goes_again_after_ten_seconds_then_later_and_later() -> None:
    window = _window(1)
    sent = [second for second in range(200) if window.due(float(second))]
    assert sent == [0, 10, 30, 70, 130, 190]


def test_a_new_link_sends_again_what_was_on_the_wire() -> None:
    window = _window(2)
    window.due(0.0)
    window.send_again()
    assert [batch.seq for batch in window.due(0.1)] == [0, 1]
    assert window.resent == 2


def test_when_full_the_oldest_not_on_the_wire_goes_and_is_counted() -> None:
    window = _window(3)
    window.due(0.0)
    for seq in range(3, HELD + 2):
        window.put(_batch(seq))
    assert len(window) == HELD
    assert window.dropped == 2
    assert window.base() == 0


def test_the_base_is_the_lowest_held_also_when_batches_come_out_of_order() -> None:
    window = Window()
    for seq in (3, 5, 4):
        window.put(_batch(seq))
    window.confirm(3, 3)
    assert window.base() == 4
