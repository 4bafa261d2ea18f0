"""What is said of a tag that was, or was not, written at a desk."""

from edge.agent.tags.tagging_records import Conflict, ConflictKind
from edge.api.words.commanding import Told
from edge.api.words.language import gettext as _
from edge.api.words.language import ngettext
from edge.api.words.times import clock
from edge.contracts.school import School


def written(device: str, old: str, epc: str, tid: str, checked_at: float, school: School) -> Told:
    """Say that a tag is the device's, and when it was read back."""
    time = clock(checked_at, school.zone)
    if old == epc:
        said = _("This tag is {device}'s. It was read at {time}, and had its number already.")
    else:
        said = _(
            "This tag is {device}'s. It was written, and checked by reading it back at {time}."
        )
    details = [("EPC", epc), ("TID", tid)]
    if old != epc:
        details.append((_("EPC before"), old))
    return Told(said.format(device=device, time=time), details)


def no_asset_tag() -> Told:
    """Say what is missing."""
    return Told(_("Say for which device: its asset tag."), well=False)


def not_one_tag(count: int) -> Told:
    """Say that there is no tag, or more than one."""
    if not count:
        return Told(_("No tag answers: lay one flat on the reader and try again."), well=False)
    words = ngettext(
        "{n} tag answers: leave one on the reader.",
        "{n} tags answer: leave one on the reader, and no device near it.",
        count,
    )
    return Told(words.format(n=count), well=False)


def no_such_device(device: str) -> Told:
    """Say that no record has this asset tag."""
    said = _("No device has the asset tag {device}. If it is a new one, say so below.")
    return Told(said.format(device=device), well=False)


def other_tag_answers(epc: str) -> Told:
    """Say that what was read back is not what was written."""
    said = _("{epc} was written, but another tag answers with it. Nothing is recorded.")
    return Told(said.format(epc=epc), well=False)


def no_numbering() -> Told:
    """Say that no EPC can be made."""
    said = _(
        "The school's epc_prefixes leave no number for this tag:"
        " write one with “rollcall tag write --epc”."
    )
    return Told(said, well=False)


def conflict(error: Conflict, device: str) -> Told:
    """Say which record is in the way, and what would do."""
    words: dict[ConflictKind, str] = {
        "several": _("Several devices have the asset tag {device}: mend the records first."),
        "epc taken": _("The number that {device} would get is that of device {other}."),
        "tag taken": _(
            "This tag is that of device {other}. To take it all the same, say so below."
        ),
        "other tag": _("{device} has another tag. If that one is gone, say so below."),
    }
    return Told(words[error.kind].format(device=device, other=error.other), well=False)
