"""Reading a profile: what is wrong is named with its place and what to write."""

from __future__ import annotations

import pytest

from conformance.errors import BadProfile
from conformance.profile.file import read

LEAST = 'version = "2026-04-17"\n[merchant]\nurl = "https://shop.example"\n'


@pytest.fixture
def profile(tmp_path):
    def written(text: str, **environment: str):
        file = tmp_path / "acp.toml"
        file.write_text(text)
        return read(file, environment)

    return written


def test_the_least_profile_has_a_version_and_an_address(profile):
    found = profile(LEAST)
    assert (found.name, found.roles, found.currency) == ("acp@2026-04-17", ["merchant"], "usd")
    assert found.item("in_stock") is None
    assert found.merchant.at("complete", "cs 1") == "https://shop.example/checkout_sessions/cs 1/complete"


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("version = \n", "", "is no TOML"),
        ("", "version", "is required"),
        (LEAST.replace("2026-04-17", "2027-01-01"), "version", "must be 2025-09-29, "),
        (LEAST.replace("https://shop.example", "shop.example"), "merchant.url", "url"),
        (LEAST + 'colour = "red"\n', "merchant.colour", "colour"),
        (LEAST + "[items]\nin_stock = 7\n", "items.in_stock", "in_stock"),
        (LEAST + "[webhook]\nlisten = '127.0.0.1'\n", "webhook", "secret"),
    ],
)
def test_a_mistake_is_named_with_its_place(profile, text, at, says):
    with pytest.raises(BadProfile) as refused:
        profile(text)
    assert refused.value.at.startswith(at)
    assert says in str(refused.value)


def test_a_variable_is_filled_in_and_kept_as_a_secret(profile):
    found = profile(LEAST + 'key = "Key ${SHOP_KEY}"\n', SHOP_KEY="s3cret")
    assert found.merchant.key == "Key s3cret"
    assert dict(found.secrets()) == {"SHOP_KEY": "s3cret", "ACP_MERCHANT_KEY": "Key s3cret"}


def test_a_variable_that_the_environment_lacks_is_named(profile):
    with pytest.raises(BadProfile, match=r"merchant\.key: the environment has no SHOP_KEY; set it"):
        profile(LEAST + 'key = "${SHOP_KEY}"\n')


def test_every_secret_of_a_profile_is_known_by_a_name(profile):
    found = profile(
        LEAST
        + 'key = "k1"\nsecond_key = "k2"\nheaders = {X-Token = "h1"}\n'
        + '[webhook]\nsecret = "w1"\n'
        + '[payment]\ntoken = "t1"\n[payment.declined]\ncard = {number = "4000000000000002", cvc = "999"}\n'
    )
    assert dict(found.secrets()) == {
        "ACP_MERCHANT_KEY": "k1",
        "ACP_MERCHANT_SECOND_KEY": "k2",
        "ACP_MERCHANT_X_TOKEN": "h1",
        "ACP_WEBHOOK_WEBHOOK_SECRET": "w1",
        "ACP_PAYMENT_TOKEN": "t1",
        "ACP_PAYMENT_DECLINED_CARD_CARD_NUMBER": "4000000000000002",
        "ACP_PAYMENT_DECLINED_CARD_CVC": "999",
    }
