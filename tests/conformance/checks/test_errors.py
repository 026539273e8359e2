"""Protocol errors: what each observation takes for one, what it finds wrong, and what it leaves to others."""

from __future__ import annotations

import pytest

from conformance.checks import errors
from tests.conformance.checks.checkouts_seen import ERROR, SESSION, came, looked, wrong

OF_SHAPE = (
    errors.an_error_has_type_code_and_message,
    errors.an_error_stands_in_no_envelope,
    errors.an_error_has_no_other_member,
    errors.the_type_is_a_known_one,
    errors.the_code_is_text,
    errors.the_message_is_text,
    errors.the_param_is_a_path,
)


def broken_by(body, operation="create", status=400):
    """The names of the observations that find an error wrong."""
    return {each.__name__ for each in OF_SHAPE if wrong(each, came(operation, status, body))}


def test_a_flat_error_breaks_nothing():
    assert broken_by(ERROR) == set()
    assert broken_by(ERROR | {"param": "$.line_items[0].id", "supported_versions": ["2026-04-17"]}) == set()


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"type": "invalid_request", "message": "No."}, {"an_error_has_type_code_and_message"}),
        ({"errors": [ERROR]}, {"an_error_has_type_code_and_message"}),
        ({"error": ERROR}, {"an_error_stands_in_no_envelope"}),
        (ERROR | {"error": "no"}, {"an_error_stands_in_no_envelope", "an_error_has_no_other_member"}),
        (ERROR | {"trace_id": "4bf92f"}, {"an_error_has_no_other_member"}),
        (ERROR | {"type": "validation_error"}, {"the_type_is_a_known_one"}),
        (ERROR | {"type": None}, {"the_type_is_a_known_one"}),
        (ERROR | {"code": 1042}, {"the_code_is_text"}),
        (ERROR | {"message": ["No."]}, {"the_message_is_text"}),
        (ERROR | {"param": "body -> line_items"}, {"the_param_is_a_path"}),
        (ERROR | {"param": None}, {"the_param_is_a_path"}),
    ],
)
def test_a_mistake_of_an_error_is_found_by_the_observation_it_is_about(body, names):
    assert broken_by(body) == names


@pytest.mark.parametrize(
    ("operation", "status", "contracted"),
    [
        ("create", 422, True),
        ("update", 404, True),
        ("complete", 402, True),
        ("retrieve", 404, True),
        ("cancel", 405, True),
        ("create", 401, False),
        ("update", 403, False),
        ("retrieve", 400, False),
        ("cancel", 404, False),
    ],
)
def test_an_error_is_judged_where_one_is_promised(operation, status, contracted):
    assert looked(errors.an_error_has_type_code_and_message, came(operation, status, {})) is contracted


@pytest.mark.parametrize(
    ("operation", "status", "body", "at"),
    [
        ("create", 201, SESSION, []),
        ("create", 400, ERROR, []),
        ("create", 400, {"detail": "no"}, []),
        ("cancel", 405, SESSION, ["$"]),
        ("create", 200, ERROR, ["$"]),
        ("update", 200, SESSION | {"type": "invalid_request", "code": "x"}, []),
        ("discover", 200, ERROR, []),
    ],
)
def test_a_session_does_not_come_with_4xx_nor_an_error_with_2xx(operation, status, body, at):
    assert wrong(errors.an_error_comes_with_4xx_and_a_session_with_2xx, came(operation, status, body)) == at


@pytest.mark.parametrize(
    "text",
    [
        "Traceback (most recent call last): no",
        'File "/srv/shop/views.py", line 214, in create',
        "at Object.create (/srv/app/checkout.js:12:7)",
        "could not open /var/www/shop/cart.php",
        "C:\\inetpub\\shop\\cart",
        "select failed: SELECT * FROM carts",
        "SQLSTATE[42S02]",
    ],
)
def test_what_shows_the_inside_of_a_shop_is_found(text):
    assert wrong(errors.an_error_shows_nothing_of_the_inside, came("create", 400, ERROR | {"message": text})) == [
        "$.message"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The item is not one of ours; see https://shop.example/docs/help.php.",
        "Send $.line_items[0].id, and update the address at line 2.",
        "Select another option from the list.",
        "Only 3/4 of the order can be delivered and/or collected.",
    ],
)
def test_a_sentence_for_people_shows_nothing(text):
    assert wrong(errors.an_error_shows_nothing_of_the_inside, came("create", 400, ERROR | {"message": text})) == []
