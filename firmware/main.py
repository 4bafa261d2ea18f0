"""Starts a gateway, again and again: `main.py SETTINGS.json --data DIR [--until-eof]`.

Runs on MicroPython and CPython. `--data` stands for the board's flash. With `--until-eof` the
end of standard input stops the gateway in order, so that whoever started it can stop it, and
cannot die without it noticing; on CPython SIGINT and SIGTERM stop it in order too. What a gateway
does: gateway/normal.py.
"""

import asyncio
import sys

import board.compact  # noqa: F401 - before all others, for what it does when imported
from board.here import TICKS_PERIOD, Board
from boot import RESTART, keep_crash, traceback_text
from gateway.config import BadSettings, parse_settings
from gateway.normal import Gateway

FIRMWARE = "0.1.0"


def main(arguments, slots=None):
    """Exit status: 0 stopped in order, 1 a failure, 2 wrong usage or settings, 3 start again.

    `slots` is boot.py's, None where there are none.
    """
    until_eof = "--until-eof" in arguments
    words = [word for word in arguments if word != "--until-eof"]
    if len(words) != 3 or words[1] != "--data":
        sys.stderr.write("usage: main.py SETTINGS.json --data DIR [--until-eof]\n")
        return 2
    try:
        with open(words[0], "rb") as file:
            settings = parse_settings(file.read())
    except BadSettings as error:
        return _fail(words[0], error, 2)
    except OSError as error:
        return _fail(words[0], error)
    try:
        board = Board(words[2])
        board.began()
    except OSError as error:
        return _fail(words[2] + ": cannot keep data there", error)
    try:
        return _live(settings, board, slots, until_eof)
    except KeyboardInterrupt:  # only MicroPython, which has no handlers: the will says the rest
        if slots:  # a board's prompt is for whoever pressed Ctrl-C
            raise
        return 1
    except Exception as error:  # noqa: BLE001 - whatever it is, the next boot tells it
        keep_crash(board, error)
        if isinstance(error, OSError):
            _fail(words[2] + ": cannot go on", error)
        else:
            board.tell(traceback_text(error))
        board.crashed()
        return 1


def _live(settings, board, slots, until_eof):
    """One gateway after another, until one ends that is not to start again."""
    while True:
        gateway = _gateway(settings, board, slots)
        asyncio.run(_run(gateway, until_eof))
        board.ended()
        if slots:
            slots.went_on()
        if gateway.restarts is None:
            return 0
        if slots:
            board.leave_breadcrumb(gateway.restarts)
            return RESTART
        board.reboot(gateway.restarts)


def _gateway(settings, board, slots):
    if slots and slots.safe:
        from gateway.safe import SafeGateway  # seldom, and then little else is

        return SafeGateway(settings, board, slots, FIRMWARE, TICKS_PERIOD)
    return Gateway(settings, board, slots, FIRMWARE, TICKS_PERIOD)


async def _run(gateway, until_eof):
    gateway.board.on_signals(gateway.stop)
    watcher = asyncio.create_task(_stop_at_eof(gateway)) if until_eof else None
    await gateway.run()
    if watcher:
        watcher.cancel()


async def _stop_at_eof(gateway):
    await gateway.board.input_closed()
    gateway.stop()


def _fail(where, error, status=1):
    sys.stderr.write("gateway: {}: {}\n".format(where, error))
    return status


if __name__ == "__main__":
    if sys.platform == "esp32":  # frozen, or installed without slots
        import boot

        boot.start()
    sys.exit(main(sys.argv[1:]))
