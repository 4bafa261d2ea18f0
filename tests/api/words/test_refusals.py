"""Whatever a file is refused for is told in the reader's language."""

import ast

import pytest

from edge.api.words.language import speaking
from edge.api.words.refusals import told
from tests.support.files import ROOT

CHECKS = ["school_file", "school_rules", "ids", "devices", "rooms_csv"]


def sentences_of(module: str) -> list[str]:
    """Every sentence that a module puts together, "7" for what it names."""
    source = (ROOT / "edge" / "contracts" / f"{module}.py").read_text(encoding="utf-8")
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            texts = [v.value if isinstance(v, ast.Constant) else "7" for v in node.values]
            if " " in "".join(texts):
                found.append("".join(texts))
    return found


@pytest.mark.parametrize("module", CHECKS)
def test_every_sentence_of_the_checks_is_known(module):
    sentences = sentences_of(module)
    assert sentences
    with speaking("es"):
        assert [one for one in sentences if told(one) == one and not passes_on(one)] == []


def passes_on(sentence: str) -> bool:
    """Whether it is another's, with a place before it."""
    return sentence.rpartition(": ")[2] == "7"


def test_places_and_names_stay_what_they_are():
    with speaking("es"):
        said = told('carts.c3.home: no room "r9" in [rooms]')
        assert said == 'carts.c3.home: no hay ningún salón "r9" en [rooms]'
        assert told("rooms.a.kind: Invalid enum value 'loft'").endswith("Valor no permitido 'loft'")
        assert told('a.b: "x: y" is not an id: use 1 to 32 of a-z, 0-9 and "-"').startswith("a.b: ")
        assert told("what nobody wrote {x}") == "what nobody wrote {x}"
    assert (
        told('carts.c3.home: no room "r9" in [rooms]') == 'carts.c3.home: no room "r9" in [rooms]'
    )
