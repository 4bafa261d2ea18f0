"""What the one LED says: a person must be able to tell the states apart."""

from gateway import lights

STEP_MS = 20


def pattern(shown, identifies=False):
    """Lengths in ms of light and dark in two rounds, as (lit, ms)."""
    runs = []
    for at in range(0, 2 * lights.ROUND_MS, STEP_MS):
        lit = lights.is_lit(shown, at, identifies)
        if runs and runs[-1][0] == lit:
            runs[-1][1] += STEP_MS
        else:
            runs.append([lit, STEP_MS])
    return runs


def test_each_trouble_has_as_many_flashes_as_its_number_and_a_pause():
    for trouble in range(1, 6):
        runs = pattern(trouble)
        flashes = [ms for lit, ms in runs if lit]
        assert flashes == [lights.FLASH_MS] * (2 * trouble)
        assert max([ms for lit, ms in runs if not lit]) >= 1_200


def test_well_is_light_that_winks():
    dark = [ms for lit, ms in pattern(lights.WELL) if not lit]
    assert dark == [lights.FLASH_MS] * 2


def test_identify_flickers_whatever_else_is_shown():
    for shown in range(6):
        assert {ms for _, ms in pattern(shown, True)} == {100}


def test_where_there_are_colours_well_trouble_and_identify_differ():
    colours = [lights.colour(lights.WELL), lights.colour(lights.NO_AGENT), lights.colour(1, True)]
    assert colours == [lights.GREEN, lights.RED, lights.BLUE]
    assert {lights.colour(shown) for shown in range(1, 6)} == {lights.RED}


def test_the_first_trouble_on_a_reads_way_is_shown():
    well = [True] * 5
    assert lights.state(*well) == lights.WELL
    for at in range(5):
        for later in range(at, 5):
            troubled = [place not in (at, later) for place in range(5)]
            assert lights.state(*troubled) == at + 1
