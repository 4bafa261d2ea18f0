"""A start counts as gone well once it was confirmed or lasted; a trial needs the former."""

from gateway.trial import LASTED_MS, TRIAL_MS, Trial


class Slots:
    def __init__(self, on_trial):
        self.on_trial = on_trial
        self.told = []

    def confirmed(self):
        self.told.append("confirmed")
        self.on_trial = False

    def went_on(self):
        self.told.append("went on")


def test_a_confirmed_start_is_told_once_and_is_no_trial():
    slots = Slots(True)
    trial = Trial(slots)
    for at in (1000, 2000, TRIAL_MS + 1):
        assert trial.step(at, at > 1000) is None
    assert slots.told == ["confirmed", "went on"]


def test_a_start_that_lasts_is_told_once():
    slots = Slots(False)
    trial = Trial(slots)
    for at in (1000, LASTED_MS + 1, TRIAL_MS + 1):
        assert trial.step(at, False) is None
    assert slots.told == ["went on"]


def test_a_trial_that_nobody_confirms_starts_again():
    trial = Trial(Slots(True))
    assert trial.step(TRIAL_MS, False) is None
    assert "not confirmed" in trial.step(TRIAL_MS + 1, False)
