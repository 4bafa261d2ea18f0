"""Health and metrics: ready without a broker, unready with a reason."""

from prometheus_client.parser import text_string_to_metric_families

from edge.api.app import create_app
from tests.api.asking import ask
from tests.api.fake_agent import NOW, FakeAgent, a_cart, a_gateway, unreadable


def test_the_process_answers():
    agent = FakeAgent()
    agent.not_ready_because = "The agent is starting."
    assert ask(create_app(agent), "/health/live").json() == {"status": "live"}


def test_a_broker_that_is_away_is_told_and_leaves_the_agent_ready():
    agent = FakeAgent()
    agent.broker_connected = False
    answer = ask(create_app(agent), "/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "broker": "unreachable", "set_aside": 0}


def test_an_agent_that_is_not_ready_says_why():
    agent = FakeAgent()
    agent.not_ready_because = "The agent is starting."
    answer = ask(create_app(agent), "/health/ready")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "The agent is starting. The broker is connected."


def test_metrics_are_prometheus_text():
    agent = FakeAgent(a_cart("c1"), unreadable("c2"))
    agent.queries.all_gateways = [a_gateway("gw-1"), a_gateway("gw-2", state="offline")]
    app = create_app(agent, clock=lambda: NOW)
    families = {f.name: f for f in text_string_to_metric_families(ask(app, "/metrics").text)}
    assert families["rollcall_batches"].samples[0].value == 7
    assert families["rollcall_lost_batches"].samples[0].value == 2
    assert families["rollcall_writes"].samples[0].value == 1
    assert families["rollcall_intake"].samples[0].value == 0
    assert families["rollcall_commits"].samples[0].value == 5
    for bound in ("dropped_batches", "put_off_facts", "missed_changes"):
        assert families[f"rollcall_{bound}"].samples[0].value == 0
    assert families["rollcall_engine_lag_rows"].samples[0].value == 2
    gateways = {s.labels["state"]: s.value for s in families["rollcall_gateways"].samples}
    assert gateways == {"online": 1, "offline": 1, "silent": 0, "never heard": 0}
    assert families["rollcall_alerts_open"].samples[0].value == 0
    present = families["rollcall_cart_present"].samples
    assert [(s.labels["cart"], s.value) for s in present] == [("c1", 30)]


def test_every_page_says_that_nothing_can_be_recorded():
    agent = FakeAgent()
    assert "Nothing can be recorded" not in ask(create_app(agent), "/").text
    agent.cannot_write = "database or disk is full"
    assert (
        "Nothing can be recorded now (database or disk is full)" in ask(create_app(agent), "/").text
    )
