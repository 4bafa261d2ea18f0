"""The alerts' page: what needs somebody now?"""

from edge.accounts.roles import Role
from edge.agent.shown.views import AlertView
from edge.api.app import create_app
from edge.api.form_tokens import form_token
from edge.api.words.alerts import TOGETHER_S, reasons
from edge.contracts.alert_kinds import KINDS
from tests.api.asking import ask
from tests.api.fake_agent import NOW, FakeAgent, a_device
from tests.api.pages.asking_pages import html_of, said_by
from tests.api.who import a_viewer, always

FORM = {"content-type": "application/x-www-form-urlencoded", "cookie": "form=this-browsers"}


def filled_in(fields: bytes) -> bytes:
    """A form as the page of this browser sends it."""
    return fields + f"&form_token={form_token('this-browsers')}".encode()


def an_alert(rule="left-building", **changes):
    view = {
        "id": "640.0",
        "t": NOW - 60,
        "decided": NOW - 58,
        "rule": rule,
        "late": False,
        "epc": a_device(14).epc,
        "label": "14",
        "doorway": "front",
        "gateway": None,
        "why": {},
        "open": True,
        "closed_at": None,
        "reason": None,
        "retracted": False,
    }
    return AlertView(**{**view, **changes})


def page_with(*alerts):
    agent = FakeAgent()
    agent.queries.all_alerts = list(alerts)
    return agent


def test_no_alert_is_good_news():
    assert "Nothing needs you now." in said_by(page_with(), "/alerts")


def test_an_open_alert_says_what_where_when_and_what_to_do():
    text = said_by(page_with(an_alert()), "/alerts")
    assert "1 alert is open." in text
    assert "07:41 Device 14 left by front at 07:41, and nothing allows it: see who has it" in text


def test_only_what_left_the_building_is_red():
    html = html_of(page_with(an_alert(), an_alert("gateway-offline", id="7.0")), "/alerts")
    assert html.count('class="alert left"') == 1
    assert html.count('class="alert missing"') == 1


def test_what_settled_stands_apart_with_its_reason():
    closed = an_alert(open=False, closed_at=NOW - 5, reason="returned")
    text = said_by(page_with(closed), "/alerts")
    assert "Nothing needs you now. Settled" in text
    assert "Closed at 07:41: it came back" in text


def test_what_was_told_late_and_what_was_taken_back_say_so():
    late = an_alert(late=True)
    wrong = an_alert(id="9.0", open=False, retracted=True)
    text = said_by(page_with(late, wrong), "/alerts")
    assert "07:41, told late" in text
    assert "Taken back: later reads showed that it was wrong" in text


def test_a_kind_that_only_a_newer_version_knows_is_shown_all_the_same():
    text = said_by(page_with(an_alert("odd-thing", label=None, gateway="gw-1")), "/alerts")
    assert "Something needs a look (odd-thing, gw-1" in text


def test_every_reason_that_closes_an_alert_has_words():
    closing = {reason for kind in KINDS.values() for reason in kind.closed_by}
    assert closing <= reasons().keys()


def test_alerts_of_one_cause_stand_under_the_newest_of_them():
    left = [
        an_alert(id=f"{700 - n}.0", t=NOW - n, epc=a_device(n).epc, label=str(n))
        for n in (1, 3, 4, 5)
    ]
    text = said_by(page_with(*left, an_alert("gateway-offline", id="7.0")), "/alerts")
    assert "5 alerts are open." in text
    assert "Device 1 left by front" in text
    assert "3 more like it: 3 to 5" in text


def test_what_happened_at_another_door_or_much_earlier_stands_for_itself():
    agent = page_with(
        an_alert(id="9.0"),
        an_alert(id="8.0", doorway="back"),
        an_alert(id="7.0", t=NOW - 60 - TOGETHER_S - 1),
    )
    assert "more like it" not in said_by(agent, "/alerts")


def test_who_sees_to_an_alert_is_said_with_the_note():
    agent = page_with(an_alert(), an_alert("gateway-offline", id="7.0"))
    app = create_app(agent, clock=lambda: NOW)
    sent = {"content": filled_in(b"alerts=640.0&note=I+have+it"), "headers": FORM}
    answer = ask(app, "/alerts/acknowledge", method="POST", **sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts#alert-640.0")
    text = said_by(agent, "/alerts")
    assert "Being seen to since 07:42: “I have it”" in text
    assert text.count("Being seen to") == 1


def test_an_alert_that_is_not_there_cannot_be_seen_to():
    app = create_app(page_with(), clock=lambda: NOW)
    sent = {"content": filled_in(b"alerts=1.0"), "headers": FORM}
    assert ask(app, "/alerts/acknowledge", method="POST", **sent).status_code == 404


def test_a_form_without_its_token_is_not_taken():
    app = create_app(page_with(an_alert()), clock=lambda: NOW)
    sent = {"content": b"alerts=640.0", "headers": FORM}
    assert ask(app, "/alerts/acknowledge", method="POST", **sent).status_code == 403


def test_another_sites_page_cannot_acknowledge():
    agent = page_with(an_alert())
    app = create_app(agent, clock=lambda: NOW)
    headers = FORM | {"origin": "http://elsewhere.example"}
    sent = {"content": filled_in(b"alerts=640.0"), "headers": headers}
    assert ask(app, "/alerts/acknowledge", method="POST", **sent).status_code == 403
    assert "Being seen to" not in said_by(agent, "/alerts")


def test_what_left_may_be_allowed_for_the_rest_of_the_day_by_those_who_lend():
    agent = page_with(an_alert(), an_alert("gateway-offline", id="7.0"))
    assert html_of(agent, "/alerts").count('value="today"') == 1
    app = create_app(agent, clock=lambda: NOW)
    sent = {"content": filled_in(b"alerts=640.0&allow=today"), "headers": FORM}
    assert ask(app, "/alerts/acknowledge", method="POST", **sent).status_code == 303
    ((epcs, start, until),) = agent.allowed
    assert epcs == [a_device(14).epc]
    assert start <= NOW < until
    assert until - start == 24 * 3600


def test_who_may_not_lend_may_not_allow():
    agent = page_with(an_alert())
    app = create_app(agent, clock=lambda: NOW, who=always(a_viewer(Role.TECH)))
    assert 'value="today"' not in ask(app, "/alerts").text
    sent = {"content": filled_in(b"alerts=640.0&allow=today"), "headers": FORM}
    assert ask(app, "/alerts/acknowledge", method="POST", **sent).status_code == 403
    assert agent.allowed == []
