"""Text is readable in both themes: contrast by WCAG 2.2 (SC 1.4.3), worked out from the colours."""

import re
from pathlib import Path

import pytest

import edge.api

ENOUGH = 4.5
STATIC = Path(edge.api.__file__).parent / "static"
PAIRS = [
    ("ink", "ground"),
    ("ink", "card"),
    ("quiet", "ground"),
    ("quiet", "card"),
    ("good", "card"),
    ("good", "good-soft"),
    ("care", "card"),
    ("care", "care-soft"),
    ("dark", "ground"),
    ("dark", "card"),
    ("dark", "dark-soft"),
]


def themes():
    sheets = {"light": "rollcall.css", "dark": "dark.css"}
    found = {}
    for name, sheet in sheets.items():
        (block,) = re.findall(r":root \{(.*?)\}", (STATIC / sheet).read_text("utf-8"), re.DOTALL)
        found[name] = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
    return found


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "behind"), PAIRS)
def test_text_stands_out(theme, text, behind):
    colours = themes()[theme]
    lighter, darker = sorted(map(luminance, (colours[text], colours[behind])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= ENOUGH
