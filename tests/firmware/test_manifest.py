"""Only a manifest that was made with this gateway's key is followed, and only within its slot."""

from gateway.manifest import HEAD, BadManifest, Hmac, Manifest

from tests.firmware.an_update import KEY, make, seal, sha256

LINE = sha256(b"x") + " 1 "


def lines(manifest):
    return [line + b"\n" for line in manifest.split(b"\n")[:-1]]


def refused(manifest, key=KEY):
    try:
        Manifest(key).check(lines(manifest))
    except BadManifest as error:
        return str(error)
    raise AssertionError(manifest)


def test_the_code_is_that_of_rfc_4231():
    code = Hmac(b"\x0b" * 20)
    code.update(b"Hi ")
    code.update(b"There")
    assert code.hexdigest() == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"


def test_version_and_files_are_read():
    manifest, _ = make("0.2.0", [("main.mpy", b"abc"), ("gateway/mqtt.mpy", b"")])
    read = Manifest(KEY)
    files = list(read.files(lines(manifest)))
    assert (read.version, read.size) == ("0.2.0", 3)
    assert [(file.path, file.size) for file in files] == [("main.mpy", 3), ("gateway/mqtt.mpy", 0)]
    assert files[0].digest == sha256(b"abc")


def test_a_manifest_of_another_key_or_changed_anywhere_is_refused():
    manifest, _ = make("0.2.0", [("main.mpy", b"abc")])
    assert "key" in refused(manifest, bytes(32))
    for at in range(len(manifest) - 1):
        changed = bytearray(manifest)
        changed[at] ^= 1
        refused(bytes(changed))


def test_a_manifest_that_ends_early_is_refused():
    manifest, _ = make("0.2.0", [("main.mpy", b"abc")])
    for at in range(len(manifest)):
        refused(manifest[:at])


def test_a_path_out_of_the_slot_is_refused_even_under_the_key():
    for path in ("../boot.py", "/boot.py", "a/../../b", "a//b", ".", "", "manifest", "A.py", "a b"):
        assert "path" in refused(seal(HEAD + "1\n" + LINE + path + "\n"))
    assert "path" in refused(seal(HEAD + "1\n" + LINE + "a" * 65 + "\n"))


def test_what_is_too_large_is_refused():
    refused(seal(HEAD + "1\n" + sha256(b"x") + " 65537 main.mpy\n"))
    refused(seal(HEAD + "1\n" + (sha256(b"x") + " 60000 main.mpy\n") * 7))
    refused(seal(HEAD + "1\n" + (LINE + "main.mpy\n") * 151))
    refused(seal(HEAD + "1\n"))
