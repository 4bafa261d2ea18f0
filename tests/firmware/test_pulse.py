"""The watchdog is fed only while the gateway gets on; how long the loop stood still is known."""

from gateway.progress import READER_MS
from gateway.pulse import Pulse


class Station:
    name, may_transmit, ready, moved_ms = "uart1", True, True, 0


class Gateway:
    """As far as the pulse looks; it is its own board, uplink and log."""

    slots = restarts = None
    own_confirmed = False

    def __init__(self):
        self.stations = [Station()]
        self.board = self.uplink = self.log = self
        self.fed = 0
        self.left = []
        self.said = []

    def owed_since_ms(self):
        return None

    def feed_watchdog(self):
        self.fed += 1

    def leave_breadcrumb(self, reason):
        self.left.append(reason)

    def say(self, level, text):
        self.said.append(text)


def test_a_reader_that_hangs_ends_the_feeding_and_is_said_once():
    gateway = Gateway()
    pulse = Pulse(gateway)
    for now in range(1000, READER_MS + 1, 1000):
        pulse.step(now)
    assert gateway.fed == READER_MS // 1000 and gateway.said == []
    for now in range(READER_MS + 1000, READER_MS + 10_000, 1000):
        pulse.step(now)
    assert gateway.fed == READER_MS // 1000
    assert gateway.said == gateway.left == ["reader uart1 hangs"]
    gateway.stations[0].moved_ms = READER_MS + 10_000
    pulse.step(READER_MS + 10_000)
    assert gateway.fed == READER_MS // 1000 + 1


def test_it_is_fed_once_a_second_however_often_it_steps():
    gateway = Gateway()
    pulse = Pulse(gateway)
    for now in range(1000, 5000, 50):
        pulse.step(now)
    assert gateway.fed == 4


def test_the_longest_pause_between_two_steps_stays_known():
    pulse = Pulse(Gateway())
    for now in (100_000, 100_050, 100_400, 100_450):
        pulse.step(now)
    assert pulse.longest_ms == 350
