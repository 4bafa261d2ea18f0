"""Notices of alerts to people: e-mail, chat, webhook, whatever apprise knows."""
