#!/bin/sh
# Installs what the tests need beside Python: mosquitto, Chromium, MicroPython. What is there stays.
#
# What cannot be installed is named in one line, and the tests that need it skip; with CI=true it
# is a failure instead.
set -eu
part=tools
. "$(dirname -- "$0")/common.sh"

missing=0

main() {
    have mosquitto || install_package mosquitto mosquitto
    have chromium || have chromium-browser || install_package chromium chromium
    have systemd-analyze || install_package systemd-analyze systemd
    good_micropython || {
        say "fetching MicroPython"
        install_micropython || lacks micropython \
            "needs Debian 12 or newer and its mirror, see .cache/tools.log"
    }
    [ "$missing" = 0 ] || [ "${CI:-}" != true ] || fail "with CI=true nothing may be missing"
}

# Daemons live in /usr/sbin, which an ordinary user's PATH leaves out.
have() { PATH=$PATH:/usr/sbin:/usr/local/sbin command -v "$1" >/dev/null; }

install_package() {
    if as_root >/dev/null; then say "installing $1"; fi
    apt_install "$2" || lacks "$1" "run: sudo apt-get install $2"
}

lacks() {
    missing=1
    say "$1 is missing, its tests will be skipped; $2"
}

good_micropython() {
    for candidate in "${ROLLCALL_MICROPYTHON:-}" "$cache/bin/micropython" micropython; do
        [ -z "$candidate" ] || ! runs_micropython "$candidate" || return 0
    done
    return 1
}

runs_micropython() {
    "$1" -c 'import sys; sys.exit(0 if sys.implementation.version >= (1, 25, 0) else 1)' 2>/dev/null
}

install_micropython() {
    . /etc/os-release
    case ${VERSION_CODENAME:-} in
    bookworm) ;; # not packaged
    *) apt_install micropython && good_micropython && return ;;
    esac
    "$root/.ci/micropython.sh" && good_micropython
}

main
