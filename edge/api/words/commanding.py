"""What a gateway that was asked something answered, told to a person."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from edge.api.words.language import gettext as _
from edge.api.words.language import ngettext
from edge.api.words.lists import runs
from edge.contracts.commands import Command, Identify, Reboot, SetPower, Sweep


class Told(msgspec.Struct, frozen=True):
    """One sentence, and what was said besides, by name; `well` is False for what was not done."""

    said: str
    details: list[tuple[str, str]] = []
    well: bool = True


def outcome(command: Command, reply: Mapping[str, Any], labels: Mapping[str, str]) -> Told:
    """Say what came of a command; `labels` has what the devices of a sweep are called."""
    if reply.get("ok") is not True:
        return refused(reply)
    if isinstance(command, Identify):
        return Told(_("Its light flickers for {seconds} s.").format(seconds=command.args.seconds))
    if isinstance(command, SetPower):
        said = _("Antenna {antenna} sends with {dbm} dBm until it starts again or gets settings.")
        power = said.format(antenna=command.args.antenna, dbm=f"{command.args.dbm:g}")
        return Told(power + " " + _("What is to last stands in the school file."))
    if isinstance(command, Reboot):
        return Told(_("It starts again now; what it holds is kept."))
    if isinstance(command, Sweep):
        return _swept(reply, labels)
    return Told(_("It tested itself:"), list(_tested(reply)))


def refused(reply: Mapping[str, Any]) -> Told:
    """Say that it did not do it, and its reason as it gave it."""
    return Told(_("It did not do it: {reason}").format(reason=reply.get("error") or "?"))


def not_answered(status: int) -> Told:
    """Say why there is no answer, by the status that the API has for it."""
    words = {
        409: _("It is not connected and would not hear this: nothing was sent."),
        503: _("The broker cannot be reached. Try again when it is back."),
        504: _("No answer came in time. Perhaps it did it all the same."),
    }
    return Told(words[status])


def heard_in(reply: Mapping[str, Any]) -> set[str]:
    """Which tags a sweep heard, by EPC."""
    return {str(epc) for epc, *_rest in reply.get("tags", [])}


def counted(reply: Mapping[str, Any], own: Mapping[str, str]) -> Told:
    """Say which of a cart's `own` devices (EPC to label) a sweep of its gateway heard."""
    if reply.get("ok") is not True:
        return refused(reply)
    heard = heard_in(reply)
    here = len(heard & own.keys())
    said = [_("Counted again: {here} of {of} heard just now.").format(here=here, of=len(own))]
    silent = [label for epc, label in own.items() if epc not in heard]
    if reply.get("more"):
        said.append(_("It heard more than its answer can hold."))
    elif silent:
        said.append(_("Not heard: {labels}.").format(labels=", ".join(runs(silent))))
    others = len(heard - own.keys())
    if others:
        words = ngettext("And {n} other tag.", "And {n} other tags.", others)
        said.append(words.format(n=others))
    return Told(" ".join(said))


def _swept(reply: Mapping[str, Any], labels: Mapping[str, str]) -> Told:
    n = len(heard_in(reply))
    said = ngettext("It heard {n} tag.", "It heard {n} tags.", n).format(n=n)
    if reply.get("more"):
        said += " " + _("It heard more than its answer can hold.")
    found: dict[str, list[str]] = {}
    for epc, antenna, reads, strongest in reply.get("tags", []):
        heard = _heard(antenna, reads, strongest)
        found.setdefault(labels.get(epc, epc), []).append(heard)
    return Told(said, [(label, "; ".join(each)) for label, each in found.items()])


def _heard(antenna: int, reads: int, strongest: float | None) -> str:
    said = ngettext("antenna {antenna}: {reads} read", "antenna {antenna}: {reads} reads", reads)
    level = "" if strongest is None else f", {strongest:g} dBm"
    return said.format(antenna=antenna, reads=reads) + level


def _tested(reply: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """What it can say of its parts; what we have no name for stands under its own."""
    names = {
        "region": _("Region"),
        "clock": _("Clock set"),
        "outbox": _("In its outbox"),
        "flash_errors": _("Errors of its flash"),
        "connections": _("Connections since its start"),
        "heap_free": _("Free memory, bytes"),
        "heap_block": _("Largest free piece, bytes"),
    }
    for reader in reply.get("readers", []):
        yield (_("Reader {port}").format(port=reader.get("port")), _reader(reader))
    for name, value in reply.items():
        if name not in ("ok", "readers"):
            yield names.get(name, name), _plain(value)


def _reader(reader: Mapping[str, Any]) -> str:
    said = [str(reader.get("family")), _("ready") if reader.get("ready") else _("not ready")]
    said += [str(reader[name]) for name in ("version", "trouble") if reader.get(name)]
    return ", ".join(said)


def _plain(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
