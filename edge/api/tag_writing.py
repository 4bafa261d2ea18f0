"""A tag on a desk's reader gets its device's EPC: found, written, read back, recorded."""

from typing import Any

import msgspec
from fastapi import HTTPException, Request

from edge.agent.tags.tagging import NoNumbering
from edge.agent.tags.tagging_records import Conflict
from edge.api.access import Viewer
from edge.api.commanding import UNANSWERED, command_gateway
from edge.api.not_done import NotDone
from edge.api.words import tags as words
from edge.api.words.commanding import Told, not_answered, refused
from edge.contracts.commands import NewEpc, ReadTag, TagCommand, WriteEpc
from edge.contracts.school import Desk

LONGEST_ASSET_TAG = 100


class Wish(msgspec.Struct, frozen=True):
    """For which device a tag is wanted; `new`: it has no record yet; `replace`: it had another."""

    asset_tag: str
    new: bool
    replace: bool


async def write_tag(request: Request, desk: Desk, viewer: Viewer, wish: Wish) -> Told:
    """Give the one tag on the reader to a device.

    Raises:
        NotDone: there is not one tag, the records are against it, or the gateway did not do it.
        DatabaseError: the records cannot be used now; nothing was written.
    """
    app = request.app.state
    if not wish.asset_tag or len(wish.asset_tag) > LONGEST_ASSET_TAG:
        raise NotDone(words.no_asset_tag())
    found = await _ask(request, desk, viewer, ReadTag())
    if found.get("tags") != 1:
        raise NotDone(words.not_one_tag(int(found.get("tags") or 0)), 409)
    old, tid = str(found["epc"]), str(found["tid"])
    tags = app.agent.tags
    try:
        if not wish.new and not await tags.knows(wish.asset_tag):
            raise NotDone(words.no_such_device(wish.asset_tag), 404)
        epc = await tags.epc_for(wish.asset_tag, tid, replace=wish.replace)
        if epc != old:
            args = NewEpc(tid=tid, old_epc=old, new_epc=epc)
            back = await _ask(request, desk, viewer, WriteEpc(args=args))
            if (back.get("epc"), back.get("tid")) != (epc, tid):
                raise NotDone(words.other_tag_answers(epc), 409)
        checked_at = app.clock()
        await tags.record(wish.asset_tag, epc, tid, replace=wish.replace)
    except Conflict as error:
        raise NotDone(words.conflict(error, wish.asset_tag), 409) from error
    except NoNumbering as error:
        raise NotDone(words.no_numbering(), 409) from error
    return words.written(wish.asset_tag, old, epc, tid, checked_at, app.agent.school)


async def _ask(request: Request, desk: Desk, viewer: Viewer, command: TagCommand) -> dict[str, Any]:
    """What the gateway answers, where it did what was asked."""
    try:
        reply = await command_gateway(request, desk.gateway, command, viewer)
    except HTTPException as error:
        if error.status_code not in UNANSWERED:
            raise
        raise NotDone(not_answered(error.status_code), error.status_code) from error
    if reply.get("ok") is not True:
        raise NotDone(refused(reply), 409)
    return reply
