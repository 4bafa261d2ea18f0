"""Every family's driver can do all that a gateway asks of a reader."""

from drivers.errors import NotSupported
from drivers.families import NAMES, driver_of

from tests.firmware.fakes import FakeClock, ScriptedModule, Sink

ASKED = (
    "open",
    "configure",
    "stream",
    "stop",
    "read_tid",
    "write_epc",
    "set_access_password",
    "lock",
    "sleep",
    "temperature",
    "power_cycle",
    "close",
)


def test_every_family_has_the_whole_interface():
    for family in NAMES:
        driver = driver_of(family)
        missing = [name for name in ASKED if not callable(getattr(driver, name, None))]
        assert not missing, (family, missing)
        assert driver.regions and driver.max_ports >= 1
        least, most = driver.power_range_dbm
        assert least < most


def test_a_module_is_not_asked_for_more_antennas_than_it_has_ports():
    for family in NAMES:
        driver = driver_of(family)
        for count in (0, driver.max_ports + 1):
            assert str(driver.max_ports) in refused(driver, list(range(count))), family


def refused(driver, antennas):
    try:
        driver(ScriptedModule(), antennas, Sink(), FakeClock())
    except NotSupported as error:
        return str(error)
    raise AssertionError("taken: {}".format(antennas))
