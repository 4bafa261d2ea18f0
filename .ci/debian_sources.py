"""Prints the machine's own apt sources with the Debian release changed.

    python3 .ci/debian_sources.py bookworm trixie [--keyring FILE] [--etc /etc/apt]

`.ci/tools.sh` hands the result to apt as a private sources file, so that one newer package can be
fetched from the mirror this machine already trusts, signatures checked as usual. Both of apt's
formats are read (one-line `.list`, deb822 `.sources`) and deb822 comes out. Only sources of the
release itself, its updates and its security are taken: they have the component `main` and a suite
named exactly so, which leaves out third parties whose next release may not exist.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

POCKETS = ("", "-updates", "-security")

Stanza = dict[str, str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", help="this machine's release, such as bookworm")
    parser.add_argument("new", help="the release wanted, such as trixie")
    parser.add_argument("--keyring", help="trust this keyring in place of each source's own")
    parser.add_argument("--etc", type=Path, default=Path("/etc/apt"))
    args = parser.parse_args()
    moved = [
        there
        for here in machine_stanzas(args.etc)
        if (there := move(here, args.old, args.new, args.keyring)) is not None
    ]
    print("\n".join(write_stanza(stanza) for stanza in moved), end="")
    return 0 if moved else 1


def machine_stanzas(etc: Path) -> Iterator[Stanza]:
    """Every enabled source of the machine, as deb822 fields with lower-case names."""
    for path in [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*.list"))]:
        if path.is_file():
            yield from read_one_line(path.read_text(encoding="utf-8", errors="replace"))
    for path in sorted((etc / "sources.list.d").glob("*.sources")):
        yield from read_deb822(path.read_text(encoding="utf-8", errors="replace"))


def read_one_line(text: str) -> Iterator[Stanza]:
    """`deb [option=value ...] uri suite component...`, one source to a line (sources.list(5))."""
    for line in text.splitlines():
        kind, _, rest = line.split("#", 1)[0].strip().partition(" ")
        if kind != "deb":
            continue
        stanza: Stanza = {"types": "deb"}
        rest = rest.strip()
        if rest.startswith("["):
            options, _, rest = rest[1:].partition("]")
            for option in options.split():
                name, _, value = option.partition("=")
                stanza[name.lower()] = value
        words = rest.split()
        if len(words) >= 3:
            yield stanza | {"uris": words[0], "suites": words[1], "components": " ".join(words[2:])}


def read_deb822(text: str) -> Iterator[Stanza]:
    """Stanzas between empty lines; a line that starts with a blank goes on with the field above."""
    stanza: Stanza = {}
    field = ""
    for line in [*text.splitlines(), ""]:
        if line.startswith("#"):
            continue
        if not line.strip():
            if stanza and stanza.get("enabled", "yes").lower() not in ("no", "false", "0"):
                yield stanza
            stanza = {}
        elif line[0] in " \t":
            stanza[field] += "\n" + line
        else:
            name, _, value = line.partition(":")
            field = name.strip().lower()
            stanza[field] = value.strip()


def move(stanza: Stanza, old: str, new: str, keyring: str | None) -> Stanza | None:
    """The same source for the new release, or None where it is not one of the old release's."""
    known = {old + pocket: new + pocket for pocket in POCKETS}
    suites = [known[suite] for suite in stanza.get("suites", "").split() if suite in known]
    if not suites or "main" not in stanza.get("components", "").split():
        return None
    if "deb" not in stanza.get("types", "").split():
        return None
    moved = {"types": "deb", "uris": stanza["uris"], "suites": " ".join(suites)}
    moved["components"] = "main"
    signed_by = keyring or stanza.get("signed-by")
    if signed_by:
        moved["signed-by"] = signed_by
    return moved


def write_stanza(stanza: Stanza) -> str:
    names = {"uris": "URIs", "signed-by": "Signed-By"}
    return "".join(
        f"{names.get(name, name.capitalize())}: {value}\n" for name, value in stanza.items()
    )


if __name__ == "__main__":
    sys.exit(main())
