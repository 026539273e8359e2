"""Rate limits: who is counted how, when a refusal ends, and what it leaves untouched."""

import pytest

from acp import server
from acp.errors import RateLimited, UsageError
from acp.server import Rate, RateLimits
from acp.server.rates import Buckets
from tests.acp.server.conftest import CREATE


class Seconds:
    """Monotonic seconds that pass when a test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


def test_a_bucket_gives_its_burst_at_once_and_then_its_rate(seconds):
    bucket = Buckets(Rate(2, burst=3), seconds)
    assert [bucket.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    seconds.now += 0.25
    assert bucket.take("a") == 0.25
    seconds.now += 0.25
    assert [bucket.take("a"), bucket.take("a")] == [0, 0.5]


def test_a_refused_request_takes_no_token_and_a_long_pause_fills_no_more_than_the_burst(seconds):
    bucket = Buckets(Rate(1, burst=2), seconds)
    assert [bucket.take("a") for _ in range(10)] == [0, 0, *[1.0] * 8]
    seconds.now += 1000
    assert [bucket.take("a") for _ in range(3)] == [0, 0, 1]


def test_each_caller_has_a_bucket_of_their_own(seconds):
    bucket = Buckets(Rate(1, burst=1), seconds)
    assert [bucket.take("a"), bucket.take("b"), bucket.take("a")] == [0, 0, 1]


def test_the_caller_longest_unseen_makes_room(seconds):
    bucket = Buckets(Rate(0.001, burst=1), seconds, most=2)
    for caller in ("a", "b", "a", "c"):
        bucket.take(caller)
    assert bucket.take("a") > 0, "seen after b"
    assert bucket.take("b") == 0
    assert len(bucket._full_at) == 2


@pytest.mark.parametrize(("per_second", "burst"), [(0, 1), (-1, 1), (1, 0), (float("nan"), 1)])
def test_a_rate_that_lets_nothing_through_is_refused(per_second, burst):
    with pytest.raises(UsageError, match="more than nothing"):
        Rate(per_second, burst)


def test_the_wait_is_told_in_whole_seconds_of_which_there_is_at_least_one(seconds):
    limits = RateLimits(Rate(100, burst=1), Rate(0.4, burst=1), clock=seconds)
    for owner, address, told in (("agent", "", 1), ("", "192.0.2.1", 3)):
        limits.count(owner, address, "checkout")
        with pytest.raises(RateLimited) as refusal:
            limits.count(owner, address, "checkout")
        assert refusal.value.retry_after == told


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("unknown:1", "unknown:1", True),
        ("unknown:1", "unknown:2", False),
        ("", "", True),
    ],
)
def test_the_addresses_of_one_ipv6_network_are_one_caller(seconds, one, other, same):
    limits = RateLimits(per_address=Rate(1, burst=1), clock=seconds)
    limits.count("", one, "checkout")
    if same:
        with pytest.raises(RateLimited):
            limits.count("", other, "checkout")
    else:
        limits.count("", other, "checkout")


@pytest.mark.parametrize(
    ("resource", "type"),
    [("checkout", "invalid_request"), ("webhook", "invalid_request"), ("delegate_payment", "rate_limit_exceeded")],
)
def test_the_type_of_a_refusal_is_one_the_resource_knows(seconds, resource, type):
    limits = RateLimits(Rate(1, burst=1), clock=seconds)
    limits.count("agent", "", resource)
    with pytest.raises(RateLimited) as refusal:
        limits.count("agent", "", resource)
    assert refusal.value.to_dict()["type"] == type


def refused(response):
    assert response.status_code == 429, response.text
    assert response.json()["code"] == "too_many_requests"
    return response.headers["retry-after"]


async def test_an_owner_who_asks_too_often_is_told_how_long_to_wait_whichever_key_they_use(open_shop, seconds):
    async with open_shop(rate_limits=RateLimits(Rate(0.5, burst=2), clock=seconds)) as shopping:
        for token in ("key-1", "key-1b"):
            assert (await shopping.post("/checkout_sessions", CREATE, token=token)).status_code == 201
        assert refused(await shopping.post("/checkout_sessions", CREATE)) == "2"
        assert (await shopping.post("/checkout_sessions", CREATE, token="key-2")).status_code == 201
        seconds.now += 2
        assert (await shopping.post("/checkout_sessions", CREATE)).status_code == 201


async def test_a_refusal_is_not_kept_under_the_key_and_repetitions_count_too(open_shop, seconds):
    async with open_shop(rate_limits=RateLimits(Rate(1, burst=2), clock=seconds)) as shopping:
        first = await shopping.post("/checkout_sessions", CREATE, key="k")
        again = await shopping.post("/checkout_sessions", CREATE, key="k")
        assert again.headers["idempotent-replayed"] == "true"
        refused(await shopping.post("/checkout_sessions", CREATE, key="k"))
        refused(await shopping.post("/checkout_sessions", CREATE, key="new"))
        seconds.now += 2
        assert (await shopping.post("/checkout_sessions", CREATE, key="k")).content == first.content
        assert (await shopping.post("/checkout_sessions", CREATE, key="new")).status_code == 201


async def test_strangers_are_counted_by_address_and_shut_no_customer_out(open_shop, seconds):
    limits = RateLimits(per_address=Rate(1, burst=3), clock=seconds)
    async with open_shop(rate_limits=limits) as shopping:
        assert (await shopping.http.get("/.well-known/acp.json")).status_code == 200
        for _ in range(2):
            assert (await shopping.get("/checkout_sessions/cs_1", token="guess")).status_code == 401
        assert refused(await shopping.get("/checkout_sessions/cs_1", token="guess")) == "1"
        assert refused(await shopping.http.get("/.well-known/acp.json")) == "1"
        assert (await shopping.post("/checkout_sessions", CREATE)).status_code == 201


async def test_without_rate_limits_nobody_is_counted(shopping):
    assert shopping.deployment.rate_limits is None
    assert server.RateLimits is RateLimits
