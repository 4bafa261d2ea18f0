"""A command on its whole way: API, agent, a real mosquitto, the firmware, and the answer back."""

from pathlib import Path

import httpx

from tests.api.real_agent import RealAgent
from tests.chain.modules import Modules
from tests.commands.test_gateway_run import RUN, started
from tests.support.broker import Broker
from tests.support.waiting import wait_for


def test_a_gateway_does_what_the_api_asks_and_says_so(
    broker: Broker, tmp_path: Path, micropython_binary: list[str]
) -> None:
    with Modules(1, 5, 3, "3414257BF4") as modules, RealAgent(tmp_path, broker.url, [1]) as agent:
        where = ["--mqtt", broker.url, "--site", "lincoln", "--id", "gw-c3", "--region", "US"]
        reader = ["--reader", f"m100,{modules.paths[0]},1"]
        path = f"{agent.url}/api/v1/gateways/gw-c3/commands"

        def done(do: str, **args: object) -> dict[str, object] | None:
            answer = httpx.post(path, json={"do": do, "args": args}, timeout=30)
            said: dict[str, object] = answer.json()
            return said if said.get("ok") else None

        with started([*RUN, *reader, *where], tmp_path / "log"):
            tested = wait_for(lambda: done("selftest"), 30, "a self test")  # once its clock is set
            assert tested and "readers" in dict(tested["said"])  # type: ignore[call-overload]
            power = done("set_power", antenna=1, dbm=18)
            assert power and power["said"] == {"antenna": 1, "dbm": 18}
            refused = httpx.post(
                path, json={"do": "set_power", "args": {"antenna": 7, "dbm": 18}}, timeout=30
            )
            assert refused.json()["ok"] is False and refused.json()["said"]["error"]
