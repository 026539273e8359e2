"""The PSP's role: cards vaulted under an allowance, tokens that work once and inside it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from acp import canonical, server
from acp.allowance import Use
from acp.errors import InvalidRequest, UsageError
from acp.server import Deployment, Psp, Rate, RateLimits, Store, Vault, static_keys
from acp.server.store import Claim
from tests.acp.server.conftest import ADDRESS, serving
from tests.acp.server.shop import START, Clock

CARD = {
    "type": "card",
    "card_number_type": "fpan",
    "number": "4242424242424242",
    "exp_month": "11",
    "exp_year": "2030",
    "cvc": "123",
    "display_card_funding_type": "credit",
    "metadata": {},
}
ALLOWANCE = {
    "reason": "one_time",
    "max_amount": 5000,
    "currency": "usd",
    "checkout_session_id": "cs_1",
    "merchant_id": "merchant_1",
    "expires_at": "2026-05-01T13:00:00Z",
}
REQUEST = {"payment_method": CARD, "allowance": ALLOWANCE, "risk_signals": [], "metadata": {"campaign": "q4"}}
USE = Use(amount=5000, currency="usd", merchant_id="merchant_1", checkout_session_id="cs_1", at=START)
PATH = "/agentic_commerce/delegate_payment"


class TestPsp(Psp):
    __test__ = False

    def __init__(self):
        self.seen = []

    async def vault(self, request, now):
        self.seen.append(request)
        if request.payment_method.number == "4000000000000002":
            raise InvalidRequest("That card cannot be kept.", code="invalid_card", param="$.payment_method.number")
        return f"card_{len(self.seen)}"


class Counter:
    def __init__(self, http, psp, store, clock):
        self.http, self.psp, self.store, self.clock, self.vault, self.n = http, psp, store, clock, Vault(store), 0

    async def post(self, body, key=None, **extra):
        self.n += 1
        headers = {"Authorization": "Bearer k", "API-Version": "2026-04-17", "Idempotency-Key": key or f"k{self.n}"}
        return await self.http.post(PATH, json=body, headers=headers | extra)


@pytest.fixture
async def counter(tmp_path):
    psp, clock = TestPsp(), Clock()
    store = Store(tmp_path / "psp.db")
    keys = static_keys({"k": "agent", "k2": "agent two"})
    deployment = Deployment(store, keys, clock=clock, fingerprint_key=b"k" * 32)
    app = server.create_app(server.psp(psp, deployment))
    async with serving(app) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http:
        yield Counter(http, psp, store, clock)
    store.close()


async def test_a_card_becomes_a_token_and_the_metadata_comes_back(counter):
    response = await counter.post({**REQUEST, "billing_address": ADDRESS}, key="the-key")
    assert response.status_code == 201
    body = response.json()
    assert body["id"].startswith("vt_")
    assert datetime.fromisoformat(body["created"]) == START
    assert body["metadata"] == {"campaign": "q4", "merchant_id": "merchant_1", "idempotency_key": "the-key"}


async def test_the_same_key_gives_the_same_token_and_vaults_once(counter):
    first, again = await counter.post(REQUEST, key="k"), await counter.post(REQUEST, key="k")
    assert (first.content, again.headers["idempotent-replayed"]) == (again.content, "true")
    assert len(counter.psp.seen) == 1
    other = await counter.post({**REQUEST, "metadata": {}}, key="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")


async def test_neither_the_card_number_nor_its_code_can_be_had_from_the_store(counter, tmp_path):
    await counter.post(REQUEST, key="k")
    bare = canonical.fingerprint(REQUEST)
    assert canonical.fingerprint(REQUEST, b"k" * 32) == counter.store.kept(kept_claim()).fingerprint != bare
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        assert b"4242424242424242" not in content
        assert b'"cvc"' not in content


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"number": "4242424242424241"}, "$.payment_method.number"),
        ({"number": "4000000000000002"}, "$.payment_method.number"),
        ({"exp_month": "13"}, "$.payment_method.exp_month"),
        ({"exp_month": "0"}, "$.payment_method.exp_month"),
        ({"exp_month": "x"}, "$.payment_method.exp_month"),
        ({"exp_year": "30"}, "$.payment_method.exp_year"),
        ({"exp_year": "2026", "exp_month": "04"}, "$.payment_method.exp_year"),
        ({"cvc": "12"}, "$.payment_method.cvc"),
        ({"cvc": "12a"}, "$.payment_method.cvc"),
    ],
)
async def test_a_card_that_cannot_be_one_is_refused_with_its_member(counter, change, param):
    response = await counter.post({**REQUEST, "payment_method": {**CARD, **change}})
    body = response.json()
    assert (response.status_code, body["type"], body["code"], body["param"]) == (
        400,
        "invalid_request",
        "invalid_card",
        param,
    )


async def test_a_network_token_needs_neither_luhn_nor_expiry(counter):
    card = {k: v for k, v in CARD.items() if k not in ("exp_month", "exp_year", "cvc")}
    card |= {"card_number_type": "network_token", "number": "token-1"}
    assert (await counter.post({**REQUEST, "payment_method": card})).status_code == 201


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"max_amount": 0}, "$.allowance.max_amount"),
        ({"max_amount": -5}, "$.allowance.max_amount"),
        ({"expires_at": "2026-05-01T12:00:00Z"}, "$.allowance.expires_at"),
        ({"currency": "USD"}, "$.allowance.currency"),
        ({"reason": "recurring"}, "$.allowance.reason"),
    ],
)
async def test_an_allowance_for_nothing_or_the_past_is_refused(counter, change, param):
    response = await counter.post({**REQUEST, "allowance": {**ALLOWANCE, **change}})
    assert (response.status_code, response.json()["param"]) == (400, param)


@pytest.mark.parametrize("header", ["Authorization", "API-Version", "Idempotency-Key"])
async def test_the_usual_headers_are_needed_here_too(counter, header):
    response = await counter.post(REQUEST, **{header: ""})
    assert response.status_code in (400, 401)
    assert response.json()["type"] == "invalid_request"


def kept_claim():
    return Claim("agent", PATH, "k", "", START)


def test_a_psp_needs_a_key_for_its_fingerprints(tmp_path):
    store = Store(tmp_path / "psp.db")
    with pytest.raises(UsageError, match="fingerprint_key"):
        server.psp(TestPsp(), Deployment(store, static_keys({})))
    store.close()


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"metadata": {"note": "card 4242 4242 4242 4242"}}, "$.metadata"),
        ({"metadata": {"4242424242424242": "x"}}, "$.metadata"),
        ({"payment_method": {**CARD, "metadata": {"pan": "4242424242424242"}}}, "$.payment_method.metadata"),
    ],
)
async def test_a_card_number_in_metadata_is_refused_because_it_would_be_kept(counter, change, param):
    response = await counter.post({**REQUEST, **change})
    assert (response.status_code, response.json()["code"], response.json()["param"]) == (400, "invalid_card", param)


@pytest.mark.parametrize(
    ("expires_at", "status"),
    [("2030-12-31T23:59:60Z", 201), ("2030-05-01t13:00:00z", 201), ("0000-01-01T00:00:00Z", 400)],
)
async def test_every_spelling_of_an_expiry_is_read_or_refused(counter, expires_at, status):
    response = await counter.post({**REQUEST, "allowance": {**ALLOWANCE, "expires_at": expires_at}})
    assert response.status_code == status
    if status == 400:
        assert response.json()["param"] == "$.allowance.expires_at"


async def token(counter):
    return (await counter.post(REQUEST)).json()["id"]


async def test_a_token_is_redeemed_once_and_only_by_one_charge(counter):
    id = await token(counter)
    assert counter.vault.peek(id) == "card_1"
    for _ in range(2):
        assert (await counter.vault.redeem(id, USE, key="charge-1")).reference == "card_1"
    assert (await counter.vault.redeem(id, USE, key="charge-2")).violations == ("spent",)


async def test_a_charge_that_is_repeated_after_expiry_is_still_the_same_charge(counter):
    id = await token(counter)
    await counter.vault.redeem(id, USE, key="charge-1")
    late = replace(USE, at=START + timedelta(days=1))
    assert (await counter.vault.redeem(id, late, key="charge-1")).reference == "card_1"


@pytest.mark.parametrize(
    ("change", "bound"),
    [
        ({"amount": 5001}, "amount"),
        ({"currency": "eur"}, "currency"),
        ({"merchant_id": "other"}, "merchant"),
        ({"checkout_session_id": "cs_2"}, "session"),
        ({"at": datetime(2026, 5, 1, 13, 0, tzinfo=UTC)}, "expiry"),
    ],
)
async def test_a_token_is_worth_nothing_outside_its_allowance_and_is_not_spent_by_trying(counter, change, bound):
    id = await token(counter)
    assert (await counter.vault.redeem(id, replace(USE, **change), key="c")).violations == (bound,)
    assert (await counter.vault.redeem(id, USE, key="c")).reference == "card_1"


async def test_a_token_that_was_never_issued_is_unknown(counter):
    assert (await counter.vault.redeem("vt_none", USE, key="c")).violations == ("unknown",)
    assert counter.vault.peek("vt_none") is None


async def test_too_many_requests_are_refused_with_the_type_that_the_list_has_for_it(tmp_path):
    store = Store(tmp_path / "psp.db")
    limits = RateLimits(Rate(0.1, burst=1), clock=lambda: 0.0)
    deployment = Deployment(store, static_keys({"k": "agent"}), fingerprint_key=b"k" * 32, rate_limits=limits)
    app = server.create_app(server.psp(TestPsp(), deployment))
    async with serving(app) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http:
        counter = Counter(http, None, store, None)
        assert (await counter.post({})).status_code == 400
        refusal = await counter.post(REQUEST)
        assert (refusal.status_code, refusal.headers["retry-after"]) == (429, "10")
        assert (refusal.json()["type"], refusal.json()["code"]) == ("rate_limit_exceeded", "too_many_requests")
    store.close()
