"""What counts as personal data in an affiliate's claim, and what does not."""

from __future__ import annotations

import pytest

from acp.errors import InvalidRequest
from acp.server.attribution import refuse_personal_data
from tests.acp.server.conftest import READY

CLAIM = {"provider": "affiliate.example", "token": "tok_1"}


@pytest.mark.parametrize(
    ("members", "where"),
    [
        ({"metadata": {"user_email": "withheld"}}, "metadata.user_email"),
        ({"metadata": {"homeAddress": "withheld"}}, "metadata.homeAddress"),
        ({"metadata": {"SSN": "withheld"}}, "metadata.SSN"),
        ({"metadata": {"source": "ada.moor@example.com"}}, "metadata.source"),
        ({"metadata": {"source": "+1 202 555 0143"}}, "metadata.source"),
        ({"metadata": {"source": "(202) 555-0143"}}, "metadata.source"),
        ({"source": {"type": "url", "url": "https://read.example/?to=ada@example.com"}}, "source.url"),
        ({"sub_id": "ada@example.com"}, "sub_id"),
        ({"phone": "withheld"}, "phone"),
    ],
)
def test_personal_data_in_a_claim_are_refused_where_they_stand(members, where):
    with pytest.raises(InvalidRequest) as refused:
        refuse_personal_data({**CLAIM, **members})
    assert (refused.value.code, refused.value.param) == ("pii_not_allowed", f"$.affiliate_attribution.{where}")


@pytest.mark.parametrize(
    "members",
    [
        {"token": "ada@example.com"},
        {"publisher_id": "2025550143", "campaign_id": "2026-04-17", "sub_id": "550e8400-e29b-41d4-a716-446655440000"},
        {"source": {"type": "url", "url": "https://read.example/@reviewer/best-boots"}},
        {"metadata": {"placement": "top", "emailing": "spring", "clicks": 3, "paid": True}},
        {"issued_at": "2026-02-11T10:00:00Z", "expires_at": "2026-02-11T11:00:00+01:00"},
    ],
)
def test_what_only_resembles_personal_data_is_taken(members):
    refuse_personal_data({**CLAIM, **members})


async def test_a_session_is_not_opened_with_personal_data_in_the_claim(shopping):
    claim = {**CLAIM, "metadata": {"user_email": "ada@example.com"}}
    response = await shopping.post("/checkout_sessions", {**READY, "affiliate_attribution": claim})
    assert (response.status_code, response.json()["code"]) == (400, "pii_not_allowed")
