#!/bin/sh
# Puts a MicroPython 1.25+ for Linux at .cache/bin/micropython, without root.
#
# Debian 13 packages one; Debian 12 does not, and Debian 13's needs a newer C library. So apt
# fetches Debian 13's binary with the libraries it names, from this machine's own mirror and with
# signatures checked as usual, but with lists and cache in a private folder; the packages are
# unpacked (not installed) under .cache/micropython, and the binary runs with its own loader.
set -eu
part=tools
. "$(dirname -- "$0")/common.sh"

release=trixie # Debian 13: the first release with micropython 1.25
home=$cache/micropython
work=$home/apt
python=$(find_python) || fail "no Python of 3.11 or newer was found"

main() {
    codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
        fail "MicroPython is fetched with apt, and this machine has none"
    rm -rf "$home"
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/debs" "$home/root"
    write_apt_conf
    fetch_packages "" || {
        # The keyring of an early Debian 12 does not know Debian 13's keys. Its update does, and is
        # signed with the keys this machine has.
        fetch_keyring
        fetch_packages "$home/keyring/usr/share/keyrings/debian-archive-keyring.gpg"
    }
    for deb in "$work"/debs/*.deb; do
        dpkg-deb -x "$deb" "$home/root"
    done
    write_wrapper
    rm -rf "$work" "$home/keyring" "$home/root/usr/share"
}

write_apt_conf() {
    cat >"$work/apt.conf" <<CONF
Dir::Etc::sourcelist "$work/wanted.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$work";
Dir::State::lists "$work/lists";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "$work/cache";
Dir::Cache::archives "$work/cache/archives";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
#clear APT::Default-Release;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Architectures;
APT::Architectures:: "$(dpkg --print-architecture)";
CONF
}

# fetch_packages KEYRING: micropython and the packages it depends on, into $work/debs.
fetch_packages() {
    "$python" "$root/.ci/debian_sources.py" "$codename" "$release" ${1:+--keyring "$1"} \
        >"$work/wanted.sources" || fail "no Debian source for $codename was found under /etc/apt"
    private apt-get update || true # a pocket may be out of step for a while; the download tells
    # shellcheck disable=SC2046
    private apt-get download micropython $(depends)
}

fetch_keyring() {
    "$python" "$root/.ci/debian_sources.py" "$codename" "$codename" >"$work/wanted.sources"
    private apt-get update
    private apt-get download debian-archive-keyring
    dpkg-deb -x "$work"/debs/debian-archive-keyring_*.deb "$home/keyring"
    rm "$work"/debs/*.deb
}

depends() {
    apt-cache -c "$work/apt.conf" depends --important micropython |
        sed -n 's/^ *Depends: *\([a-z0-9.+-]*\).*/\1/p' | sort -u
}

private() {
    tool=$1
    shift
    (cd "$work/debs" && "$tool" -c "$work/apt.conf" -qq "$@") >>"$cache/$part.log" 2>&1
}

# The wrapper finds its files from its own place, so that the checkout may be moved.
write_wrapper() {
    loader=$(cd "$home/root" && find usr lib -type f -name 'ld-linux*.so.*' 2>/dev/null | head -n 1)
    libs=$(cd "$home/root" && dirname "$(find usr lib -name 'libc.so.6' 2>/dev/null | head -n 1)")
    [ -n "$loader" ] || fail "the C library of Debian $release came without a loader"
    mkdir -p "$cache/bin"
    cat >"$cache/bin/micropython" <<WRAPPER
#!/bin/sh
# Debian 13's MicroPython with its own C library. Written by .ci/micropython.sh.
home=\${0%/*}/../micropython/root
exec "\$home/$loader" --library-path "\$home/$libs" "\$home/usr/bin/micropython" "\$@"
WRAPPER
    chmod +x "$cache/bin/micropython"
}

main
