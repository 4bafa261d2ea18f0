"""What to freeze into an image for an ESP32: give this to MicroPython's build as its manifest.

`make -C ports/esp32 BOARD=ESP32_GENERIC FROZEN_MANIFEST=.../firmware/manifest.py`
"""

include("$(PORT_DIR)/boards/manifest.py")  # noqa: F821 - the build's own words, here and below
metadata(version="0.1.0")  # noqa: F821
module("boot.py")  # noqa: F821
module("main.py")  # noqa: F821
package("drivers")  # noqa: F821
package("gateway")  # noqa: F821
package(  # noqa: F821
    "board",
    files=(
        "__init__.py",
        "common.py",
        "compact.py",
        "esp32.py",
        "esp32_board.py",
        "esp32_led.py",
        "esp32_wifi.py",
        "here.py",
        "tls_context.py",
    ),
)
