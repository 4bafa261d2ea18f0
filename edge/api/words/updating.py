"""What a gateway's page says of its firmware: what runs, what there is, how an update goes."""

from collections.abc import Callable

from edge.agent.shown.views import GatewayView
from edge.api.updating import Sent
from edge.api.words.language import gettext as _


def firmware(
    view: GatewayView, offered: str, sent: Sent | None, moment: Callable[[float], str]
) -> list[str]:
    """Say it in sentences; `offered` is the version that this agent has."""
    running = view.firmware or "?"
    if view.firmware == offered:
        said = [_("It runs {version}, which is what this agent has.").format(version=offered)]
    else:
        words = _("It runs {running}; this agent has {offered}.")
        said = [words.format(running=running, offered=offered)]
    if view.reset == "safe mode":
        said.append(_("It is in safe mode: it reads no tags, but takes an update or a restart."))
    if sent is not None:
        words = _outcome(view, sent)
        at = moment(sent.at)
        said.append(words.format(time=at, version=sent.version, reason=sent.reason, now=running))
    return said


def _outcome(view: GatewayView, sent: Sent) -> str:
    if sent.reason is not None:
        return _("The update of {time} to {version} did not come about: {reason}")
    if sent.under_way:
        return _(
            "{version} was sent at {time}: it fetches it, which may take ten minutes, "
            "and is offline meanwhile."
        )
    if view.boot == sent.boot or view.state != "online":
        return _("It has {version} since the update of {time} and starts it, on trial.")
    if view.firmware != sent.version:
        return _("It did not keep {version} of {time}: it runs {now} again. See what it last said.")
    if view.last_batch is None or view.state_since is None or view.last_batch < view.state_since:
        return _("It runs {version} of {time}, on trial until a batch of it is confirmed.")
    return _("It runs {version} since the update of {time}, and its batches are confirmed.")
