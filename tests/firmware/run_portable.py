"""Runs the tests of one file of this folder under MicroPython: `run_portable.py ROOT NAME`."""

import sys

root, name = sys.argv[1], sys.argv[2]
sys.path[:] = [root + "/firmware", root] + sys.path[1:]

module = __import__("tests.firmware." + name, None, None, ("*",))
failed = 0
count = 0
for test in sorted(dir(module)):
    if test.startswith("test_"):
        count += 1
        try:
            getattr(module, test)()
        except Exception as error:  # noqa: BLE001 - shown, and the exit status says so
            failed += 1
            print("FAILED", test)
            sys.print_exception(error)
print("{} tests, {} failed".format(count, failed))
sys.exit(1 if failed or not count else 0)
