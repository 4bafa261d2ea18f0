"""What is said to be kept is what is kept: the list, the page and the schema agree."""

import re
import sqlite3
import tomllib

from edge.agent.storage.database import migrations
from edge.contracts.settings import RetentionSettings
from tests.support.files import ROOT

KEPT = ROOT / "edge" / "agent" / "storage" / "kept.toml"
LISTED = tomllib.loads(KEPT.read_text(encoding="utf-8"))


def schema() -> dict[str, list[str]]:
    connection = sqlite3.connect(":memory:")
    for _, script in migrations():
        connection.executescript(script)
    query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    tables = [name for (name,) in connection.execute(query)]
    return {
        table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        for table in tables
    }


def test_every_table_and_column_is_on_the_list() -> None:
    assert {table: said["columns"] for table, said in LISTED.items()} == schema()


def test_each_is_kept_by_a_setting_or_for_a_stated_while() -> None:
    settings = {name.removesuffix("_days") for name in RetentionSettings.model_fields}
    assert {said["kept"] for said in LISTED.values()} == {
        *settings,
        *("newest", "while used", "always"),
    }
    assert {said["about"] for said in LISTED.values()} == {"devices", "people", "installation"}


def test_nothing_of_people_or_places_is_kept_for_ever() -> None:
    for_ever = {table for table, said in LISTED.items() if said["kept"] == "always"}
    assert {LISTED[table]["about"] for table in for_ever} == {"installation"}


def test_the_page_says_the_same() -> None:
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", page, re.MULTILINE)
    assert {table: (about, kept, why) for table, about, kept, why in rows} == {
        table: (said["about"], said["kept"], said["why"]) for table, said in LISTED.items()
    }
    defaults = RetentionSettings()
    for name in RetentionSettings.model_fields:
        assert f"{name} = {getattr(defaults, name)} " in page
