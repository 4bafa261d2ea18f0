"""40,000 devices in a real browser: found while one types, paged by the server, no list of all."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from edge.agent.storage.database import FILE_NAME, prepare
from tests.api.real_agent import RealAgent
from tests.support.broker import Broker

COUNT = 40_000
PHONE = {"width": 390, "height": 844}
NUMBERS = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {COUNT})"
EPC = "printf('3414257BF4%014X', i)"


@pytest.fixture
def agent(broker: Broker, tmp_path: Path):
    """An agent that finds them all in its database, half of them thought to be in a room."""
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / FILE_NAME
    prepare(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO devices (epc, recorded, asset_tag, serial, model, cart, number)"
            f" {NUMBERS} SELECT {EPC}, 1, printf('LIN-%05d', i), printf('5CD%07X', i * 7919),"
            " CASE i % 3 WHEN 0 THEN 'Chromebook 311' ELSE 'iPad 9' END,"
            " 'k' || (i / 30), 1 + i % 30 FROM n"
        )
        connection.execute(
            f"INSERT INTO whereabouts {NUMBERS} SELECT {EPC}, CASE i % 2 WHEN 0 THEN 'r101'"
            " ELSE 'r204' END, 1763995320, 0.9 FROM n WHERE i % 2 = 0 OR i % 4000 = 1"
        )
        connection.execute(
            f"INSERT INTO observed {NUMBERS} SELECT {EPC}, 1763995320, 'gw-c3', 1 FROM n"
        )
        connection.commit()
    with RealAgent(tmp_path, broker.url, []) as running:
        yield running


def test_one_of_40_000_is_found_while_one_types_and_every_page_is_short(
    browser: Browser, agent: RealAgent
):
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(f"{agent.url}/devices")
        summary, rows = page.locator(".summary"), page.locator("tbody tr")
        expect(summary).to_have_text("40000 devices")
        expect(rows).to_have_count(50)
        expect(page.locator(".pager")).to_contain_text("Page 1 of 800")
        field = page.get_by_role("searchbox")
        for typed, found in (("LIN-39999", "1 device"), ("room 204", "10 devices")):
            began = time.monotonic()
            field.fill(typed)
            expect(summary).to_have_text(found)
            print(f"{typed}: {time.monotonic() - began:.2f} s from the last key")
        page.goto(f"{agent.url}/devices?number=800")
        expect(rows).to_have_count(50)
