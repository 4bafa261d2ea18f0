"""Commands on their whole way: API or page, agent, a real mosquitto, the firmware, and back."""

from pathlib import Path

import httpx

from tests.api.pages.asking_pages import text_of
from tests.api.real_agent import RealAgent, epc_of
from tests.api.visiting import hidden_fields
from tests.commands.tag_desk import FACTORY, TID, TagDesk, factory_tag
from tests.commands.test_gateway_run import RUN, started
from tests.support.broker import Broker
from tests.support.waiting import wait_for


def test_a_gateway_does_what_the_api_asks_and_writes_the_tag_on_its_desk(
    broker: Broker, tmp_path: Path, micropython_binary: list[str]
) -> None:
    blank = factory_tag()
    with (
        TagDesk("m100", [blank]) as desk,
        RealAgent(tmp_path, broker.url, [7]) as agent,
        httpx.Client(base_url=agent.url, timeout=30) as http,
    ):
        where = ["--mqtt", broker.url, "--site", "lincoln", "--id", "gw-desk", "--region", "US"]
        reader = ["--reader", f"{desk.reader},1", "--prefix", "3414257BF4"]

        def asked(do: str, **args: object) -> dict[str, object]:
            path = "/api/v1/gateways/gw-desk/commands"
            said: dict[str, object] = http.post(path, json={"do": do, "args": args}).json()
            return said

        def done(do: str, **args: object) -> dict[str, object] | None:
            said = asked(do, **args)
            return said if said.get("ok") else None

        def desk_says() -> str:
            return text_of(http.get("/desk/front").text)

        def written() -> str | None:
            form = {**hidden_fields(http.get("/desk/front").text), "do": "write"}
            answer = http.post("/desk/front", data={**form, "asset_tag": "LIN-0007"})
            return text_of(answer.text) if answer.status_code == 200 else None

        with started([*RUN, *reader, *where], tmp_path / "log"):
            tested = wait_for(lambda: done("selftest"), 30, "a self test")  # once its clock is set
            assert tested and "readers" in dict(tested["said"])  # type: ignore[call-overload]
            power = done("set_power", antenna=1, dbm=18)
            assert power and power["said"] == {"antenna": 1, "dbm": 18}
            refused = asked("set_power", antenna=7, dbm=18)
            assert refused["ok"] is False and dict(refused["said"])["error"]  # type: ignore[call-overload]

            # A foreign tag leaves no trace.
            wait_for(lambda: "Nothing lies on the reader." in desk_says(), 30, "an empty desk")
            told = wait_for(written, 30, "the tag to be written")  # once its reader is open
            assert told is not None and "checked by reading it back at" in told
            assert f"TID {TID.hex().upper()}" in told
            assert f"EPC before {FACTORY.hex().upper()}" in told
            assert blank.epc.hex().upper() == epc_of(7)
            wait_for(lambda: "Device 7 lies on the reader." in desk_says(), 30, "the device")
