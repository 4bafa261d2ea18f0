"""Secrets handed out once: sessions, one-time links, tokens. Only their hash is kept."""

import hashlib
import secrets

_BYTES = 32


def new_secret() -> str:
    """Return a secret nobody can guess, in letters that an address takes."""
    return secrets.token_urlsafe(_BYTES)


def kept(secret: str) -> bytes:
    """Return what is kept of a secret. It is random, so that a quick hash is enough."""
    return hashlib.sha256(secret.encode()).digest()
