"""Whose outbox this is: what another id left there would arrive under a wrong name."""

_FILE = "owner"


def own(outbox, settings, files, say):
    """Give up as lost what another id holds, and keep the id of these settings."""
    owner = "{}/{}".format(settings.site, settings.gateway).encode()
    before = files.read_file(_FILE)
    if before == owner:
        return
    if before and len(outbox):
        count = len(outbox)
        outbox.give_up_all()
        say("warning", "{} batches of {} given up".format(count, before.decode()))
    files.write_file(_FILE, owner)
