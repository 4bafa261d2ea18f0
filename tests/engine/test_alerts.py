"""The life of an alert: never two for one cause, closed when the cause is gone."""

from edge.agent.engine.alerts import Alerts, Cause
from edge.agent.engine.speaker import Speaker
from edge.contracts.events import Alert, Closed, Event, Retracted

CAUSE = Cause("gateway-offline", gateway="gw-1")
OTHER = Cause("gateway-offline", gateway="gw-2")


class Scene:
    """Alerts whose seconds are thought at by hand."""

    def __init__(self) -> None:
        self.speaker = Speaker()
        self.alerts = Alerts(self.speaker)
        self.speaker.begin(1)

    def think(self, second: int) -> list[Event]:
        self.speaker.decided = float(second)
        self.alerts.settle(second, second)
        return self.speaker.taken()


def test_a_cause_that_is_told_again_while_its_alert_is_open_is_no_news() -> None:
    scene = Scene()
    first = scene.alerts.raise_for(CAUSE, 1.0, {})
    assert scene.alerts.raise_for(CAUSE, 2.0, {}) is first
    assert len(scene.speaker.taken()) == 1


def test_a_closed_cause_that_comes_again_is_a_new_alert() -> None:
    scene = Scene()
    first = scene.alerts.raise_for(CAUSE, 1.0, {})
    scene.alerts.close(CAUSE, "over")
    assert scene.alerts.raise_for(CAUSE, 2.0, {}).alert.id != first.alert.id


def test_causes_that_differ_are_told_apart() -> None:
    scene = Scene()
    scene.alerts.raise_for(CAUSE, 1.0, {})
    scene.alerts.raise_for(OTHER, 1.0, {})
    assert scene.alerts.open_of("gateway-offline") == [CAUSE, OTHER]


def test_a_cause_that_ends_before_it_has_lasted_says_nothing() -> None:
    scene = Scene()
    scene.alerts.after(CAUSE, 60.0, 0.0, {})
    scene.alerts.end(CAUSE, "over")
    assert scene.think(100) == []
    assert scene.alerts.due is None


def test_a_cause_that_lasts_is_raised_when_due_and_closed_the_second_after_its_end() -> None:
    scene = Scene()
    scene.alerts.after(CAUSE, 59.5, 3.0, {"since": 3.0})
    assert scene.alerts.due == 60
    assert scene.think(59) == []
    (alert,) = scene.think(60)
    assert isinstance(alert, Alert)
    assert (alert.t, alert.decided, alert.why) == (3.0, 60.0, {"since": 3.0})
    scene.alerts.end(CAUSE, "over")
    (closed,) = scene.think(61)
    assert isinstance(closed, Closed)
    assert (closed.of, closed.reason, closed.t) == (alert.id, "over", 61.0)


def test_a_cause_that_is_back_within_the_second_keeps_its_alert() -> None:
    scene = Scene()
    scene.alerts.raise_for(CAUSE, 1.0, {})
    scene.speaker.taken()
    scene.alerts.end(CAUSE, "over")
    scene.alerts.after(CAUSE, 60.0, 2.0, {})
    assert scene.think(2) == scene.think(60) == []
    assert scene.alerts.is_open(CAUSE)


def test_a_wait_that_is_told_anew_counts_from_the_last_time() -> None:
    scene = Scene()
    scene.alerts.after(CAUSE, 60.0, 0.0, {})
    scene.alerts.after(CAUSE, 90.0, 30.0, {})
    assert scene.think(60) == []
    assert len(scene.think(90)) == 1


def test_an_alert_that_was_closed_by_mistake_is_opened_again_and_closes_anew() -> None:
    scene = Scene()
    raised = scene.alerts.raise_for(CAUSE, 1.0, {})
    scene.alerts.close(CAUSE, "over")
    closed = raised.closed
    scene.alerts.reopen(raised)
    scene.alerts.close(CAUSE, "over")
    said = scene.speaker.taken()
    assert closed is not None
    assert [type(e) for e in said] == [Alert, Closed, Retracted, Closed]
    assert [e.of for e in said if isinstance(e, Retracted)] == [closed.id]


def test_an_alert_that_never_was_is_taken_back_with_what_closed_it() -> None:
    scene = Scene()
    raised = scene.alerts.raise_for(CAUSE, 1.0, {})
    scene.alerts.close(CAUSE, "over")
    scene.alerts.take_back(raised)
    gone = [e.of for e in scene.speaker.taken() if isinstance(e, Retracted)]
    assert raised.closed is not None
    assert gone == [raised.closed.id, raised.alert.id]


def test_which_devices_an_open_alert_concerns_is_known() -> None:
    scene = Scene()
    cause = Cause("left-building", epc="A")
    scene.alerts.raise_for(cause, 1.0, {})
    assert scene.alerts.concern("A")
    scene.alerts.close(cause, "returned")
    assert not scene.alerts.concern("A")
