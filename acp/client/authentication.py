"""From the end of 3-D Secure at an authentication provider to what the merchant is told (readings DA-7, A54)."""

from __future__ import annotations

from acp.client.parts import part
from acp.errors import UsageError
from acp.models.checkout import AuthenticationResult, OutcomeDetails
from acp.models.delegate_authentication import AuthenticationResult as ProviderResult
from acp.models.delegate_authentication import DelegateAuthenticationSession, DelegateAuthenticationSessionWithResult

# fmt: off
OUTCOMES = {
    "authenticated":       "authenticated",
    "attempted":           "attempt_acknowledged",
    "not_authenticated":   "denied",
    "rejected":            "rejected",
    "challenge_abandoned": "abandoned",
    "unavailable":         "internal_error",
    "not_supported":       "not_supported",
    "expired":             "processing_error",
}
# fmt: on
"""The provider's final status → the outcome the merchant is told; the two texts have no common list."""

WITH_DETAILS = frozenset({"authenticated", "attempt_acknowledged", "informational"})
"""Outcomes that come with the values of the authentication; for a failure they are left out."""

_DETAILS = ("three_ds_cryptogram", "electronic_commerce_indicator", "transaction_id", "version")


def authentication_result(
    session: DelegateAuthenticationSession | DelegateAuthenticationSessionWithResult, *, canceled_by_buyer: bool = False
) -> AuthenticationResult:
    """The `authentication_result` of a completion, from the provider's session as it was last retrieved.

    `canceled_by_buyer` tells a buyer who canceled from one who only went away. Raises UsageError while the
    authentication has not ended.

    >>> authentication_result(authenticated).outcome
    'authenticated'
    """
    result = part(session.get("authentication_result"), ProviderResult)
    outcome = _outcome(session.status, result, canceled_by_buyer)
    if result is None or outcome not in WITH_DETAILS:
        return AuthenticationResult(outcome=outcome)
    details = {name: result[name] for name in _DETAILS if name in result}
    return AuthenticationResult(outcome=outcome, outcome_details=OutcomeDetails.of(details))


def _outcome(status: str, result: ProviderResult | None, canceled_by_buyer: bool) -> str:
    if result is not None and result.trans_status == "I":
        return "informational"
    if status == "challenge_abandoned" and canceled_by_buyer:
        return "canceled"
    if status not in OUTCOMES:
        raise UsageError(f"The authentication has not ended: its status is {status!r}.")
    return OUTCOMES[status]
