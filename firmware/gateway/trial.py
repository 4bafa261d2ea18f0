"""When a start counts as gone well, and when one on trial has to begin again."""

LASTED_MS = 600_000  # a boot loop turns faster
TRIAL_MS = 900_000  # the agent has just sent this update, so it is there to confirm a batch


class Trial:
    """`slots` is boot.py's; `step` is called now and then."""

    def __init__(self, slots):
        self._slots = slots
        self._lasted = self._confirmed = False

    def step(self, up_ms, confirmed):
        """`confirmed`: a batch of this start was. Returns why to start again, or None."""
        if confirmed and not self._confirmed:
            self._confirmed = True
            self._slots.confirmed()
        elif up_ms > LASTED_MS and not self._lasted:
            self._lasted = True
            self._slots.went_on()
        if self._slots.on_trial and up_ms > TRIAL_MS:
            return "the update was not confirmed"
        return None
