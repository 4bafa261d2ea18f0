"""Signing in with the school's Google or Microsoft account (OpenID Connect, code flow with PKCE).

The provider says who somebody is; who may come in, and as what, stands in our accounts, whose name
is the e-mail address. What the provider says is believed only signed, meant for us, asked by this
browser a moment ago, and of the school's own domain: that is checked here, from the signed claims.
OpenID Connect Core 1.0, sections 3.1.2, 3.1.3.7; Google's `hd`, Microsoft's `tid`.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx2
import msgspec
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from edge.accounts.provider import GOOGLE, NotBelieved, Provider, ProviderAway, address_in
from edge.accounts.secret import kept, new_secret

TIMEOUT_S = 10.0
PENDING_S = 600.0  # from leaving for the provider until coming back
PENDING_AT_MOST = 1000  # the oldest goes
METADATA_S = 3600.0
CLOCK_SLACK_S = 60
ALGORITHMS = ["RS256", "ES256"]


class Pending(msgspec.Struct, frozen=True):
    """Somebody who left for the provider: the browser, and what must come back."""

    browser: bytes
    nonce: str
    verifier: str
    on_to: str
    until: float


class SingleSignOn:
    """One provider. `redirect` is our address it sends people back to."""

    def __init__(
        self,
        provider: Provider,
        redirect: str,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.provider = provider
        self.redirect = redirect
        self._clock = clock
        self._monotonic = monotonic
        self._pending: OrderedDict[str, Pending] = OrderedDict()
        self._metadata: tuple[float, dict[str, Any]] | None = None

    async def leave(self, browser: str, on_to: str) -> str:
        """Return where to send this browser (known by its secret).

        Raises:
            ProviderAway: there is nowhere to send it.
        """
        metadata = await self._described()
        state, nonce, verifier = new_secret(), new_secret(), new_secret()
        until = self._monotonic() + PENDING_S
        self._pending[state] = Pending(kept(browser), nonce, verifier, on_to, until)
        if len(self._pending) > PENDING_AT_MOST:
            self._pending.popitem(last=False)
        async with self._client() as client:
            address, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=state,
                nonce=nonce,
                code_verifier=verifier,
                **({"hd": self.provider.domain} if self.provider.issuer == GOOGLE else {}),
            )
        return str(address)

    async def come_back(self, browser: str, state: str, code: str) -> tuple[str, str]:
        """Return the e-mail address of whoever came back, and the page to go on to.

        Raises:
            NotBelieved, ProviderAway: nobody is signed in.
        """
        pending = self._pending.pop(state, None)
        if pending is None or pending.until < self._monotonic():
            raise NotBelieved("nobody left with this state, or too long ago")
        if pending.browser != kept(browser):
            raise NotBelieved("another browser left with this state")
        metadata = await self._described()
        try:
            async with self._client() as client:
                answer = await client.fetch_token(
                    metadata["token_endpoint"], code=code, code_verifier=pending.verifier
                )
            keys = KeySet.import_key_set(await self._fetched(metadata["jwks_uri"]))
        except OAuthError as error:
            raise NotBelieved(f"the provider refused the code: {error.error}") from error
        except (httpx2.HTTPError, ValueError, JoseError) as error:
            raise ProviderAway(str(error) or type(error).__name__) from error
        return self._believed(answer.get("id_token"), keys, pending.nonce), pending.on_to

    def _believed(self, id_token: object, keys: KeySet, nonce: str) -> str:
        if not isinstance(id_token, str):
            raise NotBelieved("there is no id_token")
        expected = jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock()),
            leeway=CLOCK_SLACK_S,
            iss={"essential": True, "value": self.provider.issuer},
            aud={"essential": True, "value": self.provider.client_id},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            claims = jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims
            expected.validate(claims)
        except (JoseError, ValueError) as error:
            raise NotBelieved(f"id_token: {error}") from error
        if claims.get("azp", self.provider.client_id) != self.provider.client_id:
            raise NotBelieved("the id_token was made for another client")
        return address_in(claims, self.provider)

    async def _described(self) -> dict[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0), asked once an hour."""
        now = self._monotonic()
        if self._metadata is None or now - self._metadata[0] > METADATA_S:
            issuer = self.provider.issuer
            try:
                found = await self._fetched(f"{issuer}/.well-known/openid-configuration")
            except (httpx2.HTTPError, ValueError) as error:
                raise ProviderAway(str(error) or type(error).__name__) from error
            ends = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if found.get("issuer") != issuer or not all(_is_safe(found.get(end)) for end in ends):
                raise ProviderAway(f"{issuer} does not describe itself as such")
            self._metadata = (now, found)
        return self._metadata[1]

    async def _fetched(self, address: str) -> Any:
        async with httpx2.AsyncClient(timeout=TIMEOUT_S) as http:
            answer = await http.get(address)
            answer.raise_for_status()
            return answer.json()

    def _client(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self.provider.client_id,
            self.provider.client_secret,
            scope="openid email profile",
            redirect_uri=self.redirect,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
        )


def _is_safe(address: object) -> bool:
    """Whether secrets may go there: HTTPS, or this machine."""
    parts = urlsplit(address if isinstance(address, str) else "")
    return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "::1", "localhost")
