"""Signing in with the school's Google or Microsoft account, against a provider of the test's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc.jwk import RSAKey

from edge.accounts.provider import GOOGLE, NotBelieved, Provider, address_in
from edge.accounts.single_sign_on import PENDING_S, SingleSignOn
from tests.api.fake_agent import NOW
from tests.api.oidc_provider import CLIENT, SECRET, OidcProvider
from tests.api.visiting import HTTPS, Browser, Visit, visit

DOMAIN = "school.example"
DESK = f"desk@{DOMAIN}"
GOOD_CLAIMS = {"email": DESK, "email_verified": True, "hd": DOMAIN}


@pytest.fixture
def provider() -> Iterator[OidcProvider]:
    with OidcProvider(NOW) as running:
        running.claims = GOOD_CLAIMS
        yield running


def offer(school: Visit, issuer: str) -> None:
    asked = Provider(
        name="Google", issuer=issuer, client_id=CLIENT, client_secret=SECRET, domain=DOMAIN
    )
    back = f"{HTTPS}/sign-in/back"
    school.door.single_sign_on = SingleSignOn(asked, back, lambda: school.now, lambda: school.ticks)


async def go_and_come_back(browser: Browser, provider: OidcProvider, on_to: str = "/") -> object:
    left = await browser.get(f"/sign-in/with?next={on_to}")
    assert left.status_code == 303
    return await browser.get(provider.consent(left.headers["location"]))


async def is_in(browser: Browser) -> bool:
    return (await browser.get("/api/v1/devices")).status_code == 200


def test_somebody_with_an_account_comes_in_and_goes_on(tmp_path: Path, provider: OidcProvider):
    async def act(school: Visit):
        offer(school, provider.issuer)
        await school.account(DESK)
        browser = school.browser()
        assert "Sign in with Google" in (await browser.get("/sign-in")).text
        back = await go_and_come_back(browser, provider, "/map")
        assert (back.status_code, back.headers["location"]) == (303, "/map")
        assert await is_in(browser)

    visit(tmp_path, act, public_url=HTTPS)


@pytest.mark.parametrize(
    "claims",
    [
        {"hd": "elsewhere.example"},
        {"email": "desk@elsewhere.example"},
        {"email": f"desk@{DOMAIN}.evil.example"},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": None},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another-client"], "azp": "another-client"},
        {"iss": "https://evil.example"},
        {"nonce": "another"},
        {"exp": int(NOW) - 3600},
        {"iat": int(NOW) + 3600},
    ],
)
def test_what_is_not_of_the_school_or_not_for_us_is_not_believed(
    tmp_path: Path, provider: OidcProvider, claims: dict[str, object]
):
    async def act(school: Visit):
        offer(school, provider.issuer)
        await school.account(DESK)
        provider.claims = {**GOOD_CLAIMS, **claims}
        browser = school.browser()
        back = await go_and_come_back(browser, provider)
        assert back.status_code == 403 and "did not confirm" in back.text
        assert not await is_in(browser)

    visit(tmp_path, act, public_url=HTTPS)


def test_another_key_is_not_believed(tmp_path: Path, provider: OidcProvider):
    async def act(school: Visit):
        offer(school, provider.issuer)
        await school.account(DESK)
        provider.key = RSAKey.generate_key(2048, {"kid": "one"})
        browser = school.browser()
        assert (await go_and_come_back(browser, provider)).status_code == 403
        assert not await is_in(browser)

    visit(tmp_path, act, public_url=HTTPS)


@pytest.mark.parametrize("how", ["another browser", "twice", "too late", "never left"])
def test_only_the_browser_that_left_comes_back_and_only_once(
    tmp_path: Path, provider: OidcProvider, how: str
):
    async def act(school: Visit):
        offer(school, provider.issuer)
        await school.account(DESK)
        browser, other = school.browser(), school.browser()
        left = await browser.get("/sign-in/with")
        back = provider.consent(left.headers["location"])
        await other.get("/sign-in")
        comes = other
        if how == "twice":
            assert (await browser.get(back)).status_code == 303
        elif how == "too late":
            school.ticks += PENDING_S + 1
            comes = browser
        elif how == "never left":
            back = "/sign-in/back?state=made-up&code=code0"
        assert (await comes.get(back)).status_code == 403
        assert not await is_in(comes)

    visit(tmp_path, act, public_url=HTTPS)


def test_who_has_no_account_or_a_shut_one_is_told_so(tmp_path: Path, provider: OidcProvider):
    async def act(school: Visit):
        offer(school, provider.issuer)
        for prepare in (None, school.accounts.disable):
            if prepare is not None:
                await school.account(DESK)
                await prepare(DESK, school.now)
            browser = school.browser()
            back = await go_and_come_back(browser, provider)
            assert back.status_code == 403 and "has no account here" in back.text
            assert not await is_in(browser)

    visit(tmp_path, act, public_url=HTTPS)


def test_with_the_provider_away_a_password_still_works(tmp_path: Path):
    with OidcProvider(NOW) as gone:
        issuer = gone.issuer

    async def act(school: Visit):
        offer(school, issuer)
        await school.account("desk")
        browser = school.browser()
        away = await browser.get("/sign-in/with")
        assert away.status_code == 503 and "cannot be reached" in away.text
        assert (await browser.sign_in("desk")).status_code == 303
        assert await is_in(browser)

    visit(tmp_path, act, public_url=HTTPS)


def test_one_starts_at_the_address_one_comes_back_to(tmp_path: Path, provider: OidcProvider):
    async def act(school: Visit):
        offer(school, provider.issuer)
        sent = await school.browser("https://192.0.2.10:8443").get("/sign-in/with?next=/map")
        assert sent.headers["location"] == f"{HTTPS}/sign-in/with?next=%2Fmap"

    visit(tmp_path, act, public_url=HTTPS)


def a_provider(**changes: str) -> Provider:
    given = {"name": "x", "issuer": GOOGLE, "client_id": "c", "client_secret": "s"}
    return Provider(**{**given, "domain": DOMAIN, **changes})  # type: ignore[arg-type]


def test_google_vouches_for_a_domain_in_hd_alone():
    assert address_in({**GOOD_CLAIMS, "email": DESK.upper()}, a_provider()) == DESK
    with pytest.raises(NotBelieved):
        address_in({"email": DESK, "email_verified": True}, a_provider())


def test_microsoft_vouches_for_its_tenant_and_never_by_email():
    microsoft = a_provider(tenant="t-1")
    good = {"tid": "t-1", "preferred_username": DESK, "email": "admin@school.example"}
    assert address_in(good, microsoft) == DESK
    for wrong in ({"tid": "t-2"}, {"preferred_username": None}, {"preferred_username": "a@b.c"}):
        with pytest.raises(NotBelieved):
            address_in({**good, **wrong}, microsoft)
