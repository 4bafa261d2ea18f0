"""Over the serial line another network can be told, and nothing is by accident."""

from gateway.wifi_prompt import WifiPrompt


def typed(*lines):
    """(what was shown, the answer) after these lines."""
    prompt = WifiPrompt()
    shown = "".join([prompt.feed(line + b"\r") for line in lines])
    return shown, prompt.answer


def test_a_network_is_told_by_its_name_and_password():
    shown, answer = typed(b"wifi", "Schule Süd".encode(), b"correct horse")
    assert answer == {"ssid": "Schule Süd", "password": "correct horse"}
    assert "correct" not in shown and "*" * 13 in shown


def test_an_open_network_has_no_password():
    assert typed(b"wifi", b"Lincoln", b"")[1] == {"ssid": "Lincoln", "password": None}


def test_it_comes_in_any_pieces_and_with_any_end_of_line():
    prompt = WifiPrompt()
    for byte in b"wifi\r\nLincoln\r\n12345678\r\n":
        assert prompt.answer is None or byte == 0x0A
        prompt.feed(bytes([byte]))
    assert prompt.answer == {"ssid": "Lincoln", "password": "12345678"}


def test_a_typing_error_can_be_taken_back():
    shown, answer = typed(b"wifu\x08i", b"Lim\x7fncoln", b"12345679\x088")
    assert answer == {"ssid": "Lincoln", "password": "12345678"}
    assert "\b \b" in shown


def test_what_else_the_line_says_is_neither_heeded_nor_echoed():
    assert typed(b"info: config applied", b"", b"Wifi", b"wifi please", bytes(range(32, 255))) == (
        "",
        None,
    )


def test_an_empty_name_leaves_all_as_it_is():
    shown, answer = typed(b"wifi", b"", b"12345678")
    assert answer is None and "nothing changed" in shown


def test_what_no_network_can_have_is_asked_for_again():
    for name in (b"x" * 33, b"\xff\xfe"):
        assert typed(b"wifi", name, b"Lincoln", b"12345678")[1]["ssid"] == "Lincoln"
    for password in (b"short", b"x" * 64, "Passwörter".encode()):
        shown, answer = typed(b"wifi", b"Lincoln", password, b"12345678")
        assert answer["password"] == "12345678" and "8 to 63" in shown
