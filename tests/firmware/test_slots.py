"""Which slot starts: the good one, one on trial for a while, and what ends a boot loop."""

from boot import LAST_RESORT, MOST_STARTS, MOST_TRIES, Slots


class Flash:
    """The folder of the slots, in memory."""

    path = ""

    def __init__(self, *slots):
        self.files = {slot + "/manifest": b"there" for slot in slots}
        self.fails = False

    def read_file(self, name):
        return self.files.get(name)

    def write_file(self, name, data):
        if self.fails:
            raise OSError(28)
        self.files[name] = data


def started(flash):
    slots = Slots(flash)
    slots.begin()
    return slots


def on_trial():
    """Flash on which slot b is to be tried."""
    flash = Flash("a", "b")
    started(flash).try_next("b")
    return flash


def test_without_a_slot_nothing_is_chosen():
    slots = started(Flash())
    assert slots.running is None and not slots.on_trial


def test_the_first_whole_slot_is_the_good_one():
    assert started(Flash("b")).running == "b"
    assert started(Flash("a", "b")).running == "a"


def test_a_confirmed_trial_stays():
    flash = on_trial()
    slots = started(flash)
    assert slots.running == "b" and slots.on_trial and slots.spare == "a"
    slots.confirmed()
    assert not slots.on_trial
    for _ in range(MOST_STARTS):
        assert started(flash).running == "b"


def test_an_unconfirmed_trial_ends_after_its_starts_and_says_so():
    flash = on_trial()
    for _ in range(MOST_TRIES):
        slots = started(flash)
        assert slots.running == "b"
        slots.went_on()  # to last is not enough
    slots = started(flash)
    assert slots.running == "a" and not slots.on_trial and not slots.safe
    assert "update" in slots.note
    slots.confirmed()
    assert started(flash).note is None


def test_a_trial_whose_files_are_not_whole_is_never_started():
    flash = on_trial()
    del flash.files["b/manifest"]
    assert started(flash).running == "a"


def test_a_trial_that_cannot_be_counted_is_not_made():
    flash = on_trial()
    flash.fails = True
    assert started(flash).running == "a"


def test_starts_that_end_early_lead_to_safe_mode_and_one_that_lasts_out_of_it():
    flash = Flash("a")
    assert [started(flash).safe for _ in range(MOST_STARTS)] == [False] * MOST_STARTS
    slots = started(flash)
    assert slots.safe and slots.running == "a"
    slots.went_on()
    assert not started(flash).safe


def test_where_even_safe_mode_does_not_last_the_other_slot_is_taken():
    flash = Flash("a", "b")
    assert {started(flash).running for _ in range(LAST_RESORT)} == {"a"}
    slots = started(flash)
    assert slots.running == "b" and not slots.safe and "other slot" in slots.note


def test_a_damaged_note_of_the_choice_starts_what_is_there():
    for kept in (b"", b"{", b"[]", b'"a"', b'{"good":"c","trial":7}'):
        flash = Flash("b")
        flash.files["slots"] = kept
        assert started(flash).running == "b"
