"""Typed views: what they read, keep, hide and refuse to do."""

from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import acp.models
import schemas
from acp.model import Model
from acp.models.checkout import (
    Address,
    Buyer,
    Capabilities,
    CheckoutSession,
    CheckoutSessionWithOrder,
    FulfillmentOption,
    FulfillmentOptionPickup,
    LineItem,
    Message,
    MessageError,
    Order,
    PaymentData,
    SelectedFulfillmentOption,
    Total,
)
from acp.models.delegate_payment import DelegatePaymentRequest, PaymentMethodCard
from acp.models.webhook import EventDataOrder, WebhookEvent
from schemas.registry import documents
from tests import published
from tests.schemas.documents import ADDRESS, BUYER, CARD, ORDER, OWN, SESSION, UNPUBLISHED
from tests.schemas.payloads import payloads

ROOT = Path(__file__).parents[2]
RESOURCES = sorted(documents(schemas.LATEST))


def _classes() -> list[type[Model]]:
    modules = [import_module(f"acp.models.{resource}") for resource in RESOURCES]
    members = [each for module in modules for _, each in inspect.getmembers(module, inspect.isclass)]
    return [each for each in dict.fromkeys(members) if issubclass(each, Model) and each is not Model]


MODEL_OF = {(each.resource, each.definition): each for each in _classes()}

# ---- reading


def test_members_read_as_attributes_and_nested_objects_as_models() -> None:
    session = CheckoutSession.of(SESSION)
    assert session.id == "cs1"
    assert session.buyer is not None
    assert session.buyer.company is not None
    assert session.buyer.company.name == "King & Co"
    assert isinstance(session.line_items[0], LineItem)
    assert [total.amount for total in session.line_items[0].totals] == [1190, 190]
    assert session.metadata == {"x": 1}


def test_absent_and_null_both_read_as_none_and_in_tells_them_apart() -> None:
    buyer = Buyer.of({"email": "a@b.c", "phone_number": None})
    assert buyer.phone_number is None
    assert buyer.full_name is None
    assert "phone_number" in buyer
    assert "full_name" not in buyer


def test_any_member_reads_by_its_name_unknown_ones_too() -> None:
    buyer = Buyer.of({"email": "a@b.c", "mood": "calm"})
    assert buyer["mood"] == "calm"
    assert buyer.get("mood") == "calm"
    assert buyer.get("weight", 5) == 5
    assert list(buyer) == ["email", "mood"]
    with pytest.raises(KeyError):
        buyer["weight"]


def test_an_unknown_attribute_is_an_error_that_tells_where_the_value_is() -> None:
    buyer = Buyer.of({"email": "a@b.c", "mood": "calm"})
    with pytest.raises(AttributeError, match=r"has no member 'mood'; the object has it, as \['mood'\]"):
        getattr(buyer, "mood")  # noqa: B009
    with pytest.raises(AttributeError, match=r"A Buyer has no member 'weight'.$"):
        getattr(buyer, "weight")  # noqa: B009


@pytest.mark.parametrize("odd", [5, "text", None, [1, None, "x"], [[{"a": 1}]], True, 1.5])
def test_a_value_of_the_wrong_type_is_returned_as_it_is(odd: Any) -> None:
    session = CheckoutSession.of({"line_items": odd, "buyer": odd, "id": odd})
    assert session.line_items == session.buyer == session.id == odd


def test_unknown_values_and_timestamps_stay_the_strings_they_were() -> None:
    session = CheckoutSession.of({"status": "meditating", "created_at": "2026-04-17t10:00:00.000+00:00"})
    assert session.status == "meditating"
    assert session.created_at == "2026-04-17t10:00:00.000+00:00"


def test_a_list_may_mix_objects_and_other_values() -> None:
    extensions = Capabilities.of({"extensions": ["discount", {"name": "gifts"}]}).extensions
    assert extensions is not None
    assert extensions[0] == "discount"
    assert isinstance(extensions[1], Model)


def test_of_neither_copies_nor_checks() -> None:
    data: dict[str, Any] = {"email": 5, "unknown": object()}
    assert Buyer.of(data).raw is data


# ---- choices


@pytest.mark.parametrize("option", SESSION["fulfillment_options"], ids=lambda option: option["type"])
def test_an_option_is_of_the_class_its_type_names(option: dict[str, Any]) -> None:
    view = FulfillmentOption.of(option)
    assert type(view).definition == type(view).__name__
    assert type(view).__name__.removeprefix("FulfillmentOption").lower() == option["type"].replace("_", "")
    assert type(CheckoutSession.of({"fulfillment_options": [option]}).fulfillment_options[0]) is type(view)


def test_the_members_of_one_kind_are_there_after_isinstance() -> None:
    found = [option for option in CheckoutSession.of(SESSION).fulfillment_options if option.type == "pickup"]
    assert isinstance(found[0], FulfillmentOptionPickup)
    assert found[0].location.address.city == "Bremen"


@pytest.mark.parametrize("kind", ["telegram", None, 5, ["error"], {}])
def test_an_unknown_kind_is_still_readable(kind: Any) -> None:
    view = Message.of({"type": kind, "content": "Hm", "code": "x"})
    assert type(view) is Message
    assert view.content == "Hm"
    assert view["code"] == "x"


def test_a_message_of_type_error_has_its_code() -> None:
    view = Message.of(SESSION["messages"][2])
    assert isinstance(view, MessageError)
    assert view.code == "missing"


# ---- making


def test_what_is_passed_as_none_is_a_null_and_what_is_not_passed_is_absent() -> None:
    assert Buyer(email="a@b.c", phone_number=None).to_dict() == {"email": "a@b.c", "phone_number": None}


def test_nested_models_and_lists_are_stored_as_plain_json() -> None:
    line = LineItem.of(SESSION["line_items"][0])
    order = Order(
        id="o", checkout_session_id="c", permalink_url="https://a.b/", totals=[Total.of(SESSION["totals"][0])]
    )
    assert order.to_dict()["totals"] == SESSION["totals"]
    assert type(order.to_dict()["totals"][0]) is dict
    assert SelectedFulfillmentOption(type="pickup", option_id="p", item_ids=[line.id]).item_ids == ["l1"]


def test_a_made_object_does_not_change_with_what_it_was_made_from() -> None:
    data = dict(ADDRESS)
    session = CheckoutSession.of({"x": data})
    made = PaymentData(handler_id="h", billing_address=Address.of(data))
    data["city"] = "Kiel"
    assert made.billing_address is not None
    assert made.billing_address.city == "Bremen"
    assert session["x"]["city"] == "Kiel"


def test_a_member_that_does_not_exist_cannot_be_passed() -> None:
    with pytest.raises(TypeError, match=r"Buyer has no member 'phone'; it has: first_name, .*phone_number"):
        Buyer(email="a@b.c", phone="1")  # type: ignore[call-arg]


def test_a_required_member_has_to_be_passed() -> None:
    with pytest.raises(TypeError, match="Total needs 'display_text', 'amount'"):
        Total(type="total")  # type: ignore[call-arg]


def test_a_class_built_on_another_has_the_members_of_both() -> None:
    assert CheckoutSessionWithOrder.of(SESSION).order.id == "o1"
    assert isinstance(CheckoutSessionWithOrder.of(SESSION), CheckoutSession)
    event = WebhookEvent.of({"type": "order_update", "data": ORDER})
    assert isinstance(event.data, EventDataOrder)
    assert event.data.adjustments is not None
    with pytest.raises(TypeError, match=r"EventDataOrder needs 'type', .*'status'"):
        EventDataOrder(id="o")  # type: ignore[call-arg]


# ---- frozen, equal, copied


def test_assignment_is_refused_with_a_way_out() -> None:
    buyer = Buyer(email="a@b.c")
    with pytest.raises(AttributeError, match=r"A Buyer is read-only; .*Buyer\.of\(old\.to_dict\(\) \| {'email'"):
        buyer.email = "x"  # type: ignore[misc]
    with pytest.raises(AttributeError, match="read-only"):
        buyer.anything = "x"  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="read-only"):
        del buyer.email
    assert buyer.email == "a@b.c"


def test_to_dict_is_a_copy_through_and_through() -> None:
    session = CheckoutSession.of(copy.deepcopy(SESSION))
    taken = session.to_dict()
    taken["line_items"][0]["item"]["id"] = "other"
    assert session.line_items[0].item.id == "lamp"


def test_equality_is_that_of_the_data() -> None:
    assert Buyer(email="a") == Buyer.of({"email": "a"})
    assert Buyer(email="a") != Buyer.of({"email": "a", "phone_number": None})
    assert Buyer(email="a") != {"email": "a"}
    with pytest.raises(TypeError, match="unhashable"):
        hash(Buyer(email="a"))


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda view: pickle.loads(pickle.dumps(view))])
def test_copies_and_pickles_are_equal_and_of_the_same_class(duplicate: Any) -> None:
    for view in (CheckoutSession.of(SESSION), FulfillmentOption.of(SESSION["fulfillment_options"][2])):
        assert duplicate(view) == view
        assert type(duplicate(view)) is type(view)
        assert duplicate(view).raw is not view.raw or duplicate is copy.copy


# ---- repr


def test_repr_is_short() -> None:
    assert repr(Buyer(email="a@b.c", phone_number=None)) == "Buyer(email='a@b.c', phone_number=None)"
    assert repr(CheckoutSession.of(SESSION)) == (
        "CheckoutSession(id='cs1', protocol={…}, status='ready_for_payment', currency='eur', exchange_rate=1.25, "
        "capabilities={…}, …)"
    )
    assert repr(CheckoutSession.of({"line_items": [1, 2], "metadata": {}})) == (
        "CheckoutSession(line_items=[2], metadata={})"
    )


@pytest.mark.parametrize(
    "name",
    ["number", "cvc", "token", "cryptogram", "three_ds_cryptogram", "authentication_value", "license_key"],
)
def test_repr_masks_what_is_sensitive(name: str) -> None:
    assert repr(Model.of({name: "secret"})) == f"Model({name}='***')"
    assert repr(Model.of({name: None})) in {f"Model({name}='***')", f"Model({name}=None)"}


def test_repr_of_a_card_shows_no_number_anywhere() -> None:
    shown = repr(PaymentMethodCard.of(CARD)) + repr(DelegatePaymentRequest.of({"payment_method": CARD}))
    assert "4242424242424242" not in shown
    assert "123" not in shown
    assert "4242424242424242" not in repr(Buyer.of({"full_name": "4242424242424242"}))


# ---- problems


def test_problems_are_listed_and_nothing_is_raised() -> None:
    assert [each.path for each in Buyer.of({"email": 5, "x": 1}).problems()] == ["$.email", "$.x"]
    assert Buyer.of(BUYER).problems() == []
    assert Model.of({"anything": 1}).problems() == []


def test_a_nested_object_without_a_definition_of_its_own_knows_its_problems() -> None:
    assert PaymentData.of({"instrument": {"type": "card"}}).instrument.problems() == [  # type: ignore[union-attr]
        schemas.Problem("$.credential", "missing", "'credential' is required.")
    ]


@pytest.mark.parametrize("model", _classes(), ids=lambda model: f"{model.resource}.{model.__name__}")
def test_every_class_has_a_definition_and_says_what_it_is(model: type[Model]) -> None:
    assert schemas.definition(model.resource, model.definition)
    assert model.__doc__
    assert isinstance(model.of({}).problems(), list)


@pytest.mark.parametrize("model", _classes(), ids=lambda model: f"{model.resource}.{model.__name__}")
def test_what_a_class_lets_be_made_from_required_members_lacks_none(model: type[Model]) -> None:
    required = {name: None for name, member in model._members.items() if member.required}
    assert not [
        each for each in model(**required).problems() if each.code == "missing" and each.path.count(".") == 1
    ] or (
        "anyOf" in schemas.definition(model.resource, model.definition)
        or "oneOf" in schemas.definition(model.resource, model.definition)
    )


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_definition_with_members_has_a_class(resource: str) -> None:
    defined = documents(schemas.LATEST)[resource]["$defs"]
    lacking = {name for name, each in defined.items() if each.get("properties") and (resource, name) not in MODEL_OF}
    assert lacking <= {"CheckoutSessionBase", "DelegateAuthenticationSessionBase"}


# ---- nothing is lost


@pytest.mark.parametrize(("resource", "definition", "document"), [*OWN, *UNPUBLISHED])
def test_a_document_of_ours_comes_back_as_it_went_in(resource: str, definition: str, document: Any) -> None:
    model = MODEL_OF.get((resource, definition))
    if model is not None:
        assert model.of(document).to_dict() == document
        assert model.of(document).problems() == []


@pytest.mark.published
@pytest.mark.parametrize("payload", published.cases([pytest.param(each, id=each.id) for each in payloads()]))
def test_a_published_example_comes_back_as_it_went_in(payload: Any) -> None:
    view = MODEL_OF[payload.resource, payload.definition].of(payload.document)
    assert view.to_dict() == payload.document
    _read_all(view)


def _read_all(view: Any) -> None:
    """Read every member of a view and of all views inside it; none may refuse."""
    if isinstance(view, Model):
        for name in view._members:
            _read_all(getattr(view, name))
    elif isinstance(view, list):
        for each in view:
            _read_all(each)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "type", "totals", "x"]), inner),
    max_leaves=10,
)


@settings(deadline=None)
@given(st.sampled_from(_classes()), st.data())
def test_any_object_at_all_is_readable_and_comes_back_as_it_went_in(model: type[Model], data: st.DataObject) -> None:
    names = st.sampled_from([*model._members, "unknown"])
    document = data.draw(st.dictionaries(names, json_values, max_size=4))
    view = model.of(document)
    assert view.to_dict() == document
    _read_all(view)
    repr(view)
    view.problems()


# ---- the package


def test_the_generated_files_are_up_to_date() -> None:
    command = [sys.executable, "tools/generate_models.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == ""
    assert done.returncode == 0


@pytest.mark.parametrize("path", sorted((ROOT / "acp" / "models").glob("*.py")), ids=lambda path: path.name)
def test_a_generated_file_says_so_in_its_first_lines(path: Path) -> None:
    assert "enerated by tools/generate_models.py" in "".join(path.read_text().splitlines()[:4])


def test_importing_the_package_loads_no_module_of_it() -> None:
    script = (
        "import sys, acp.models; print([name for name in sys.modules if name.startswith('acp.models.')]);"
        "acp.models.Buyer; print('acp.models.checkout' in sys.modules, 'acp.models.feed' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "True False"]


def test_every_public_name_is_there_and_sorted() -> None:
    assert acp.models.__all__ == sorted(acp.models.__all__)
    assert all(getattr(acp.models, name) is not None for name in acp.models.__all__)
    assert acp.models.Address is Address
    assert set(acp.models.__all__) <= set(dir(acp.models))
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        getattr(acp.models, "Nothing")  # noqa: B009


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('Total(type="total", display_text="Total", amount=100)', ""),
        ('Buyer(email="a@b.c", phone_number=None)', ""),
        ("n: int = CheckoutSession.of({}).line_items[0].totals[0].amount", ""),
        ('Total(type="total", amount=100)', 'Missing named argument "display_text"'),
        (
            'Total(type="total", display_text="Total", amount="100")',
            'Argument "amount" to "Total" has incompatible type',
        ),
        ('Buyer(email="a@b.c", phone="1")', 'Unexpected keyword argument "phone"'),
        ('Buyer(email="a@b.c").email = "x"', "read-only"),
        ("CheckoutSession.of({}).buyer.email", 'Item "None" of "Buyer | None" has no attribute "email"'),
        ("CheckoutSession.of({}).nonsense", 'has no attribute "nonsense"'),
    ],
)
def test_a_type_checker_knows_every_member(line: str, complaint: str, checked: dict[str, str]) -> None:
    assert complaint in checked[line] if complaint else checked[line] == ""


@pytest.fixture(scope="session")
def checked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What mypy says about each line of the test above, from one run over all."""
    mypy = pytest.importorskip("mypy.api")
    mark = test_a_type_checker_knows_every_member.pytestmark[0]  # type: ignore[attr-defined]
    lines = [line for line, _ in mark.args[1]]
    folder = tmp_path_factory.mktemp("typed")
    head = "from acp.models.checkout import Buyer, CheckoutSession, Total"
    (folder / "use.py").write_text("\n".join([head, *lines]) + "\n")
    options = ["--strict", "--config-file=", f"--cache-dir={folder / 'cache'}", "--follow-imports=silent"]
    output = mypy.run([*options, str(folder / "use.py")])[0]
    said = dict.fromkeys(range(2, len(lines) + 2), "")
    for row in output.splitlines():
        if row.startswith(str(folder / "use.py")):
            said[int(row.split(":")[1])] += row
    return dict(zip(lines, said.values(), strict=True))
