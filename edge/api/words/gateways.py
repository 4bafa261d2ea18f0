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
    return ", ".join(said)
