"""The light of an ESP32 board: a plain LED at a pin, or a coloured one, as S3 boards bear."""

import machine

PIXEL = "ws2812:"  # and the pin's number


def led_of(setting):
    """The LED that the settings name: a pin's number, `ws2812:PIN`, or None for none."""
    if setting is None:
        return NoLed()
    if isinstance(setting, str):
        return Pixel(int(setting[len(PIXEL) :]))
    return PlainLed(setting)


class NoLed:
    def show(self, is_on, colour):
        pass


class PlainLed:
    """Between the pin and ground, with its resistor."""

    def __init__(self, pin):
        self._pin = machine.Pin(pin, machine.Pin.OUT, value=0)

    def show(self, is_on, colour):
        self._pin.value(1 if is_on else 0)


class Pixel:
    """One WS2812. It keeps what it was told, so it is told only what changes."""

    def __init__(self, pin):
        from neopixel import NeoPixel

        self._pixels = NeoPixel(machine.Pin(pin, machine.Pin.OUT), 1)
        self._shown = None

    def show(self, is_on, colour):
        shown = colour if is_on else (0, 0, 0)
        if shown != self._shown:
            self._shown = self._pixels[0] = shown
            self._pixels.write()
