"""The `update` command refuses what it cannot follow, and fills the spare slot with what it can."""

import asyncio
import os

from boot import MANIFEST, Folder, Slots
from gateway.https import split_url
from gateway.update import UpdateFailed, prepared, update

from tests.firmware.an_update import KEY, Served, make

URL, DIGEST = "https://:8443/updates/gw-d101/", "0" * 64
FILES = [("main.mpy", b"m" * 3000), ("gateway/mqtt.mpy", b"q" * 10), ("drivers/m6e/x.mpy", b"")]


class Gateway:
    """As far as the command looks before it begins."""

    class Settings:
        def __init__(self):
            self.mqtt = {"host": "192.0.2.10", "ca": "ca.der"}
            self.update_key = KEY

    class Slots:
        running, on_trial = "a", False

    def __init__(self):
        self.settings = self.Settings()
        self.slots = self.Slots()


def refusal(gateway, url=URL, manifest=DIGEST):
    try:
        prepared(gateway, {"url": url, "manifest": manifest})
    except ValueError as error:
        return str(error)
    raise AssertionError((url, manifest))


def test_arguments_out_of_range_are_refused_with_their_name():
    for url in (None, 7, "", "http://pi/x/", "https://pi/x", "https://pi:0/x/", "https://pi:1e3/"):
        assert "url" in refusal(Gateway(), url=url)
    for url in ("https://pi:70000/x/", "https://u@pi/x/", "https://p i/", "https://p\r\n/"):
        assert "url" in refusal(Gateway(), url=url)
    assert "url" in refusal(Gateway(), url="https://pi/" + "x" * 200 + "/")
    for manifest in (None, 7, "", "0" * 63, "0" * 65, "G" * 64, "A" * 64):
        assert "manifest" in refusal(Gateway(), manifest=manifest)


def test_a_gateway_that_cannot_or_may_not_be_updated_says_why():
    gateway = Gateway()
    gateway.slots = None
    assert "slot" in refusal(gateway)
    gateway = Gateway()
    gateway.slots.on_trial = True
    assert "on trial" in refusal(gateway)
    gateway = Gateway()
    gateway.settings.update_key = None
    assert "provision" in refusal(gateway)
    gateway = Gateway()
    del gateway.settings.mqtt["ca"]
    assert "ca" in refusal(gateway)


def test_without_a_host_it_is_the_brokers():
    assert split_url(URL, "192.0.2.10") == ("192.0.2.10", 8443, "/updates/gw-d101/")
    assert split_url("https://pi.local/", "192.0.2.10") == ("pi.local", 443, "/")


def slots_in(folder, *there):
    _remove(folder)
    for path in (folder, folder + "/a", folder + "/b"):
        os.mkdir(path)
    for slot in there:
        with open(folder + "/" + slot + "/" + MANIFEST, "wb") as file:
            file.write(b"there")
    slots = Slots(Folder(folder))
    slots.begin()
    return slots


def in_folder(check):
    """`check(folder)`, and the folder is gone afterwards."""
    folder = "rollcall-test-" + "".join(["{:02x}".format(byte) for byte in os.urandom(6)])
    try:
        check(folder)
    finally:
        _remove(folder)


def _remove(path):
    try:
        names = os.listdir(path)
    except OSError:
        return
    for name in names:
        inner = path + "/" + name
        if os.stat(inner)[0] & 0x4000:
            _remove(inner)
        else:
            os.remove(inner)
    os.rmdir(path)


def updated(slots, served, key=KEY):
    return asyncio.run(update(slots, key, served.digest, served.fetch))


def failure(slots, served):
    try:
        updated(slots, served)
    except UpdateFailed as error:
        return str(error)
    raise AssertionError("it went through")


def test_a_good_update_stands_whole_in_the_spare_slot_and_is_tried():
    def check(folder):
        slots = slots_in(folder, "a")
        with open(folder + "/b/left over", "wb") as file:
            file.write(b"of another one")
        assert updated(slots, Served(*make("0.2.0", FILES))) == "0.2.0"
        for path, data in FILES:
            with open(folder + "/b/" + path, "rb") as file:
                assert file.read() == data
        assert sorted(os.listdir(folder + "/b")) == ["drivers", "gateway", "main.mpy", "manifest"]
        after = Slots(Folder(folder))
        after.begin()
        assert after.running == "b" and after.on_trial

    in_folder(check)


def test_what_is_damaged_foreign_or_breaks_off_changes_nothing_of_what_starts():
    manifest, bundle = make("0.2.0", FILES)
    foreign, _ = make("0.2.0", FILES, bytes(32))
    other, _ = make("0.3.0", FILES)
    swapped = Served(other, bundle)
    swapped.digest = Served(manifest, bundle).digest
    cases = (
        (Served(manifest, b"n" + bundle[1:]), "main.mpy"),
        (Served(foreign, bundle), "key"),
        (Served(manifest, bundle, 1500), "broke off"),
        (swapped, "the command names"),
        (Served(manifest + b"x" * 20_000, bundle), "longer"),
    )

    def check(folder):
        for served, why in cases:
            slots = slots_in(folder, "a", "b")
            assert why in failure(slots, served)
            after = Slots(Folder(folder))
            after.begin()
            assert after.running == "a" and not after.on_trial
            assert MANIFEST not in os.listdir(folder + "/b")

    in_folder(check)
