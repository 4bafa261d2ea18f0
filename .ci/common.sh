# shellcheck shell=sh disable=SC2154
# Shared by the set-up scripts: where the repository is, how to speak, who may install packages.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cache=$root/.cache

say() { printf '%s: %s\n' "$part" "$1"; }

fail() {
    printf '%s: %s\n' "$part" "$1" >&2
    exit 1
}

# Runs a command with its output in a log, and shows the log's end only if the command fails.
quietly() {
    log=$cache/$part.log
    mkdir -p "$cache"
    printf '\n$ %s\n' "$*" >>"$log"
    "$@" >>"$log" 2>&1 || {
        status=$?
        tail -n 25 "$log" >&2
        return "$status"
    }
}

# Prints the words that make a command run as root: nothing for root, sudo where it asks for no
# password. Fails where neither is given.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        echo env
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        echo sudo env
    else
        return 1
    fi
}

# Installs Debian packages if that is possible here; refreshes the lists only where they are too
# old (or too empty) for the first try.
apt_install() {
    command -v apt-get >/dev/null || return 1
    su=$(as_root) || return 1
    install="$su DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 install -y"
    install="$install --no-install-recommends"
    log=$cache/$part.log
    mkdir -p "$cache"
    # shellcheck disable=SC2086
    $install "$@" >>"$log" 2>&1 ||
        { $su apt-get update >>"$log" 2>&1 && $install "$@" >>"$log" 2>&1; }
}

# The first Python of at least 3.11, or what PYTHON names.
find_python() {
    for python in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$python"
            return
        fi
    done
    return 1
}
