"""The contract of a board, on the fakes; and what only fakes can be brought to do."""

from tests.firmware import fake_esp32

machine = fake_esp32.install()

from board import esp32 as board  # noqa: E402 - only now its modules are there

from tests.firmware import board_contract  # noqa: E402
from tests.firmware.fakes import MemoryFiles  # noqa: E402

fake_esp32.uninstall()


WholeBoard = board_contract.Board


class OnFakes(MemoryFiles, WholeBoard):
    """The board of the contract, its flash in memory."""

    files = {}

    def __init__(self, folder):
        WholeBoard.__init__(self, "/tmp")


def test_the_fakes_hold_what_a_board_must():
    board_contract.Board = OnFakes
    if not hasattr(board.gc, "mem_free"):  # CPython
        board.heap = lambda: (100_000, 31_744)
    try:
        _hold()
    finally:
        board_contract.Board = WholeBoard


def _hold():
    for behaviour in board_contract.HELD:
        behaviour()


def test_each_cause_of_a_reset_has_its_name():
    for cause, name in ((1, "power"), (2, "crash"), (3, "watchdog"), (5, "soft"), (9, "unknown")):
        machine.cause = cause
        assert board.Breadcrumb().reason() == name


def test_what_is_not_committed_does_not_stay():
    fake_esp32.NVS("rollcall").set_i32("minutes", 9)
    assert board.KeptMinutes().get() != 9


def test_a_bad_address_is_refused():
    for address in ("uart0:1,2", "uart1", "uart1:1", "uart1:1,2,3,4", "/dev/ttyUSB0"):
        try:
            board.UartPort(address)
        except ValueError:
            continue
        raise AssertionError(address)


def test_a_module_with_an_enable_pin_can_be_switched():
    port = board.UartPort("uart2:25,26,27")
    assert port.has_power and not board.UartPort("uart2:25,26").has_power
    port._enable.value(0)
    assert port._enable.states == [1, 0]


def test_the_largest_block_is_that_of_the_systems_heap():
    if hasattr(board.gc, "mem_free"):  # MicroPython
        free, largest = board.heap()
        assert free > 0 and largest == 31_744
