#!/bin/sh
# Makes .venv/ with the `rollcall` command: `.ci/venv.sh run`, or `.ci/venv.sh dev` with what the
# tests need beside it, public reader programs included (requirements/clients.txt). Done already:
# returns at once. Requirements changed: installs the change.
#
# Needs no root. A Debian without python3-venv lacks pip (ensurepip); it is then borrowed.
set -eu
part=venv
. "$(dirname -- "$0")/common.sh"

kind=${1:-run}
venv=$root/.venv
list=$root/requirements/$kind.txt

main() {
    ! is_made || return 0
    rm -f "$cache/$part.log"
    python=$(find_python) || fail "no Python of 3.11 or newer was found; run: sudo apt-get install python3"
    make_venv
    say "installing $(grep -c == "$list") packages from requirements/$kind.txt"
    pip_install --require-hashes -r "$list"
    # Its dependencies are in the list, and so is what builds it: nothing unpinned comes in here.
    pip_install --no-deps --no-build-isolation --editable "$root"
    if [ "$kind" = dev ]; then
        # Without what they ask for: that is of 2019, and what they need of it is there already.
        pip_install --no-deps --require-hashes -r "$root/requirements/clients.txt"
    fi
    fingerprint "$kind" >"$venv/.rollcall-$kind"
    # The dev list holds the run list, at the same versions.
    [ "$kind" = run ] || fingerprint run >"$venv/.rollcall-run"
    say "ready: .venv/bin/rollcall"
}

is_made() {
    "$venv/bin/python" -c '' 2>/dev/null &&
        [ "$(cat "$venv/.rollcall-$kind" 2>/dev/null)" = "$(fingerprint "$kind")" ]
}

# What the environment was made from; the place counts, since scripts in .venv/bin name it.
fingerprint() {
    {
        cat "$root/requirements/$1.txt" "$root/pyproject.toml" "$root/.ci/venv.sh"
        [ "$1" = run ] || cat "$root/requirements/clients.txt"
    } | cksum
    echo "$root"
}

make_venv() {
    if "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        return # only the packages have changed
    fi
    say "making .venv with $("$python" -V)"
    if "$python" -c 'import ensurepip' 2>/dev/null; then
        quietly "$python" -m venv --clear "$venv"
        return
    fi
    borrow_pip || {
        if as_root >/dev/null; then say "installing python3-venv, which pip needs here"; fi
        apt_install python3-venv ||
            fail "$("$python" -V) has no pip of its own; run: sudo apt-get install python3-venv"
        quietly "$python" -m venv --clear "$venv"
    }
}

# Puts pip into the environment without root: the system's pip does it, else the wheel that Debian
# packages, which apt fetches (signatures checked) without installing it.
borrow_pip() {
    quietly "$python" -m venv --clear --without-pip "$venv"
    if "$python" -m pip --version >/dev/null 2>&1; then
        borrowed="$python -m pip --python $venv/bin/python"
        return
    fi
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
    rm -rf "$cache/pip" && mkdir -p "$cache/pip"
    (cd "$cache/pip" && apt-get download -qq python3-pip-whl && dpkg-deb -x ./*.deb .) \
        >>"$cache/$part.log" 2>&1 || return 1
    wheel=$(find "$cache/pip" -name 'pip-*.whl' | head -n 1)
    [ -n "$wheel" ] && borrowed="$venv/bin/python $wheel/pip"
}

pip_install() {
    # shellcheck disable=SC2086
    quietly ${borrowed:-$venv/bin/python -m pip} install --no-input --disable-pip-version-check \
        --no-warn-script-location "$@" || fail "pip could not install; see .cache/$part.log"
}

main
