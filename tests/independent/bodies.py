"""What the body of each request must look like in a version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.independent.reply import Refusal
from tests.independent.shape import Anything, Flag, Instant, Many, Object, Primitive, Problem, Shape, Text, Whole
from tests.independent.versions import Version

EMAIL: Final = Text(pattern=r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
TEXTS: Final = Many(Text())
COUNTRY: Final = Text(pattern="[A-Z]{2}")
TOKEN: Final = Object({"type": Text(among=("spt",)), "token": Text()}, rest=Anything())

ADDRESS: Final = Object(
    {name: Text() for name in ("name", "line_one", "city", "state", "country", "postal_code")}, {"line_two": Text()}
)
LIMITED_ADDRESS: Final = Object(
    {
        "name": Text(256),
        "line_one": Text(60),
        "city": Text(60),
        "state": Text(),
        "country": COUNTRY,
        "postal_code": Text(20),
    },
    {"line_two": Text(60)},
)

AFFILIATION: Final = Object({"provider": Text()}, rest=Anything())
TRACE: Final = Object(
    {"reason_code": Text()}, {"trace_summary": Text(500), "metadata": Object(rest=Primitive())}, rest=Anything()
)
RISK: Final = Object(
    optional={
        name: Text() for name in ("ip_address", "user_agent", "accept_language", "session_id", "device_fingerprint")
    }
)
GROUPS: Final = Many(Object({"id": Text(), "item_ids": TEXTS, "destination_type": Text()}, rest=Anything()))
CODES: Final = Object(optional={"codes": TEXTS})
NOTES: Final = Text(5000)

# Unknown values and members of capabilities are ignored, never refused, so that agents can be newer than shops.
CAPABILITIES: Final = Object(
    optional={"interventions": Object(optional={"supported": TEXTS}, rest=Anything())}, rest=Anything()
)

RESULT_DETAILS: Final = Object(
    {
        "three_ds_cryptogram": Text(),
        "electronic_commerce_indicator": Text(among=("01", "02", "05", "06", "07")),
        "transaction_id": Text(),
        "version": Text(),
    }
)


def check(
    shape: Shape, body: Any, code: str | None = None, forgiven: Callable[[Problem], bool] = lambda problem: False
) -> None:
    """Raise Refusal, with this code if one is given, for the first thing in a body that is wrong and not forgiven."""
    for problem in shape.problems(body, "$"):
        if not forgiven(problem):
            raise Refusal(400, code or problem.code, f"{problem.path} {problem.message}.", param=problem.path)


def body_shape(version: Version, operation: str) -> Shape:
    """The shape of the body of create, update, complete, cancel or delegate."""
    shape: Shape = _SHAPES[operation](version)
    return shape


def _address(version: Version) -> Object:
    plain = LIMITED_ADDRESS if version.address_limits else ADDRESS
    return Object(plain.needed, {**plain.optional, "company": Text()}) if version.notes else plain


def _buyer(version: Version) -> Object:
    phone = Text(pattern=r"\+?[1-9]\d{6,14}") if version.address_limits else Text()
    if version.full_buyer:
        return Object({"first_name": Text(), "last_name": Text(), "email": EMAIL}, {"phone_number": phone})
    # A bad address is talked about in a message of the session, so here it is any text.
    names: dict[str, Shape] = {name: Text() for name in ("first_name", "last_name", "full_name", "customer_id")}
    kinds: dict[str, Shape] = {
        "account_type": Text(among=("guest", "registered", "business")),
        "authentication_status": Text(among=("authenticated", "guest", "requires_signin")),
    }
    more: dict[str, Shape] = {name: Object(rest=Anything()) for name in ("company", "loyalty", "tax_exemption")}
    return Object({"email": Text()}, {**names, **kinds, **more, "phone_number": phone})


def _place(version: Version) -> Object:
    if version.place == "fulfillment_address":
        return _address(version)
    return Object(
        optional={"name": Text(), "phone_number": Text(), "email": EMAIL, "address": _address(version)},
    )


def _entry(version: Version) -> Object:
    if version.quantity == "required":
        return Object({"id": Text(), "quantity": Whole(1)})
    item: dict[str, Shape] = {"name": Text(), "unit_amount": Whole()}
    if version.quantity == "refused":
        return Object({"id": Text()}, item)
    wrapped: dict[str, Shape] = {"item": Object({"id": Text()}, item), "quantity": Whole(1), "totals": Many(Anything())}
    return Object({"id": Text()}, {**item, **wrapped})


def _choice(version: Version) -> dict[str, Shape]:
    if version.choice == "one":
        return {"fulfillment_option_id": Text()}
    option: dict[str, Shape] = {"option_id": Text(), "item_ids": TEXTS}
    if version.choice == "list":
        kinds = Text(among=("shipping", "digital", "pickup", "local_delivery"))
        return {"selected_fulfillment_options": Many(Object({"type": kinds, **option}))}
    kinds = Text(among=("shipping", "digital"))
    nested = Object({"type": kinds}, {"shipping": Object(option), "digital": Object(option)})
    return {"selected_fulfillment_options": Many(nested)}


def _extras(version: Version) -> dict[str, Shape]:
    """What create and update both take since capabilities are negotiated."""
    if version.handler is None:
        return {}
    noted: dict[str, Shape] = {"order_notes": NOTES} if version.notes else {}
    return {"fulfillment_groups": GROUPS, "coupons": TEXTS, "discounts": CODES, **noted}


def _attribution(version: Version) -> dict[str, Shape]:
    return {"affiliate_attribution": AFFILIATION} if version.traces else {}


def _create(version: Version) -> Object:
    needed: dict[str, Shape] = {version.cart: Many(_entry(version), least=1)}
    optional = {"buyer": _buyer(version), version.place: _place(version), **_attribution(version), **_extras(version)}
    if version.handler is not None:
        needed |= {"currency": Text(pattern="[A-Za-z]{3}"), "capabilities": CAPABILITIES}
        optional |= {"locale": Text(), "timezone": Text(), "quote_id": Text(), "metadata": Object(rest=Anything())}
    return Object(needed, optional)


def _update(version: Version) -> Object:
    cart = Many(_entry(version), least=1)
    return Object(
        optional={
            "buyer": _buyer(version),
            version.cart: cart,
            version.place: _place(version),
            **_choice(version),
            **_extras(version),
        }
    )


def _complete(version: Version) -> Object:
    optional: dict[str, Shape] = {"buyer": _buyer(version), **_attribution(version)}
    if version.outcomes:
        optional["authentication_result"] = Object(
            {"outcome": Text(among=tuple(version.outcomes))}, {"outcome_details": RESULT_DETAILS}
        )
    if version.handler is not None:
        optional["risk_signals"] = RISK
    if version.notes:
        consent = Object({"channel": Text(), "opted_in": Flag()})
        optional |= {"order_notes": NOTES, "marketing_consents": Many(consent)}
    return Object({"payment_data": _payment(version)}, optional)


def _payment(version: Version) -> Object:
    billing: dict[str, Shape] = {"billing_address": _address(version)}
    if version.provider is not None:
        return Object({"token": Text(), "provider": Text(among=("stripe",))}, billing)
    instrument = Object({"type": Text(), "credential": TOKEN}, rest=Anything())
    terms = Text(among=("immediate", "net_15", "net_30", "net_60", "net_90"))
    business: dict[str, Shape] = {"purchase_order_number": Text(), "payment_terms": terms, "due_date": Instant()}
    return Object(
        {"handler_id": Text(), "instrument": instrument}, {**billing, **business, "approval_required": Flag()}
    )


def _cancel(version: Version) -> Shape:
    return Object(optional={"intent_trace": TRACE}, rest=Anything()) if version.traces else Anything()


def _delegate(version: Version) -> Object:
    allowance = Object(
        {
            "reason": Text(among=("one_time",)),
            "max_amount": Whole(1),
            "currency": Text(pattern="[a-z]{3}"),
            "checkout_session_id": Text(),
            "merchant_id": Text(256),
            "expires_at": Instant(),
        }
    )
    signal = Object(
        {
            "type": Text(among=("card_testing",)),
            "score": Whole(),
            "action": Text(among=("blocked", "manual_review", "authorized")),
        }
    )
    return Object(
        {
            "payment_method": _card(version),
            "allowance": allowance,
            "risk_signals": Many(signal, least=version.risk_signals),
            "metadata": Object(rest=Text()),
        },
        {"billing_address": LIMITED_ADDRESS},
    )


def _card(version: Version) -> Object:
    return Object(
        {
            "type": Text(among=("card",)),
            "card_number_type": Text(among=("fpan", "network_token")),
            "number": Text(pattern=r"\d{12,19}"),
            "display_card_funding_type": Text(among=("credit", "debit", "prepaid")),
            "metadata": Object(rest=Text()),
        },
        {
            "exp_month": Text(pattern="0?[1-9]|1[0-2]"),
            "exp_year": Text(pattern=r"\d{4}"),
            "name": Text(),
            "cvc": Text(pattern=r"\d{3,4}"),
            "cryptogram": Text(),
            "eci_value": Text(2),
            "checks_performed": Many(Text(among=("avs", "cvv", "ani", "auth0"))),
            "iin": Text(version.iin_digits),
            "display_wallet_type": Text(),
            "display_brand": Text(),
            "display_last4": Text(pattern=r"\d{4}"),
            "virtual": Flag(),
        },
    )


_SHAPES: Final = {
    "create": _create,
    "update": _update,
    "complete": _complete,
    "cancel": _cancel,
    "delegate": _delegate,
}
