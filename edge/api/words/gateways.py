"""What a gateway's row says."""

from edge.agent.views import GatewayView
from edge.api.words.language import gettext as _


def state(view: GatewayView) -> str:
    """Say how a gateway is, with what is odd about it."""
    said = [
        {
            "online": _("online"),
            "offline": _("offline"),
            "silent": _("silent"),
            "never heard": _("never heard"),
        }[view.state]
    ]
    if not view.known:
        said.append(_("new"))
    if view.conflict:
        said.append(_("two boards under one id"))
    if view.clock_odd:
        said.append(_("its clock is wrong"))
    elif view.clock_set is False:
        said.append(_("its clock was never set"))
    if view.config_current is False:
        said.append(_("not with the settings of the school file"))
    return ", ".join(said)
