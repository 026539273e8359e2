"""Where the card, the token, the keys and the address come from, and what is refused before a session is opened."""

from __future__ import annotations

import json

import pytest

from tests.acp.cli.shop import ADDRESS, DISCOVERY, KEY, PAN, SHOP

CARD = {"number": "5555 5555-5555 4444", "exp_month": "09", "exp_year": "2031", "cvc": "9371", "name": "Kim Lee"}
NO_DELEGATION = DISCOVERY | {"capabilities": {"services": ["checkout"], "supported_currencies": ["eur"]}}
ARGUMENTS = ("buy", SHOP, "--item", "mug", "--api-key", KEY)


@pytest.fixture
def pay(run):
    return lambda *arguments, typed=None: run(*ARGUMENTS, *arguments, *([] if typed else ["--yes"]), typed=typed)


@pytest.mark.parametrize("name", ["card.json", "card.toml"])
def test_a_card_comes_from_a_file(pay, shop, write, name):
    toml = "\n".join(f"{key} = {json.dumps(value)}" for key, value in CARD.items())
    assert pay("--card", write(name, toml if name.endswith("toml") else CARD)).code == 0
    assert shop.body("delegate")["payment_method"] == CARD | {
        "number": "5555555555554444",
        "type": "card",
        "card_number_type": "fpan",
        "display_card_funding_type": "credit",
        "display_last4": "4444",
        "metadata": {},
    }


def test_a_card_comes_from_the_environment(pay, shop, monkeypatch):
    monkeypatch.setenv("ACP_CARD_NUMBER", PAN)
    monkeypatch.setenv("ACP_CARD_EXPIRY", "09/31")
    monkeypatch.setenv("ACP_CARD_CVC", "9371")
    assert pay().code == 0
    method = shop.body("delegate")["payment_method"]
    assert (method["number"], method["exp_month"], method["exp_year"], method["cvc"]) == (PAN, "09", "2031", "9371")


def test_a_card_in_the_environment_may_lack_its_code_but_not_its_expiry(pay, shop, monkeypatch):
    monkeypatch.setenv("ACP_CARD_NUMBER", PAN)
    ran = pay()
    assert ran.code == 2
    assert "ACP_CARD_EXPIRY is missing" in ran.error
    assert shop.requests == []
    monkeypatch.setenv("ACP_CARD_EXPIRY", "09/31")
    assert pay().code == 0
    assert "cvc" not in shop.body("delegate")["payment_method"]


@pytest.fixture
def type_hidden(monkeypatch):
    """Lets somebody type at the prompts that show nothing, or raise an exception there; returns the prompts."""
    prompts: list[str] = []

    def hidden(*typed):
        answers = iter(typed)

        def getpass(prompt):
            prompts.append(prompt)
            answer = next(answers)
            if isinstance(answer, BaseException):
                raise answer
            return answer

        monkeypatch.setattr("acp.cli.screen.getpass", getpass)
        return prompts

    return hidden


def test_a_card_is_asked_for_after_the_total_is_shown_and_before_the_buyer_agrees(pay, shop, type_hidden):
    prompts = type_hidden(PAN, "09/2031", "9371")
    ran = pay(typed="n\n")
    assert (ran.code, len(prompts)) == (5, 3)
    assert "delegate" not in shop.operations
    type_hidden(PAN, "09/2031", "9371")
    ran = pay(typed="y\n")
    assert ran.code == 0
    assert ran.err.index("€23.80") < ran.err.index("Pay €23.80?")
    method = shop.body("delegate")["payment_method"]
    assert (method["number"], method["exp_year"], method["cvc"]) == (PAN, "2031", "9371")


def test_each_field_of_a_card_is_checked_as_it_is_typed_and_asked_for_again(pay, shop, type_hidden):
    prompts = type_hidden("4242424242424241", "", PAN, PAN, "13/31", "09/31", PAN, "12", "123")
    ran = pay(typed="y\n")
    assert ran.code == 0
    assert [prompt.split()[0] for prompt in prompts] == [*["Card"] * 3, *["Expires"] * 3, *["Security"] * 3]
    assert PAN not in ran.err + ran.out
    for told in ("not a card number", "MM/YY", "three or four digits"):
        assert ran.err.count(told) == 2, told


@pytest.mark.parametrize(("happens", "code"), [(KeyboardInterrupt(), 130), (EOFError(), 2)])
def test_a_card_that_is_never_typed_gives_the_session_up(pay, shop, type_hidden, happens, code):
    type_hidden(happens)
    ran = pay(typed="y\n")
    assert (ran.code, shop.operations[-1]) == (code, "cancel")
    assert ran.error


def test_a_number_in_a_card_file_that_is_no_text_is_told_to_be_put_in_quotes(pay, shop, write):
    ran = pay("--card", write("card.json", CARD | {"number": int(PAN)}))
    assert "number: must be in quotes" in ran.error


@pytest.mark.parametrize(
    ("card", "field"),
    [
        (CARD | {"number": "4242424242424241"}, "number"),
        (CARD | {"number": 4242424242424242}, "number"),
        ({}, "number"),
        (CARD | {"cvc": "93712"}, "cvc"),
        (CARD | {"exp_month": 9}, "exp_month"),
        (CARD | {"pin": "1234"}, "pin"),
    ],
)
def test_a_malformed_card_file_says_which_field_and_never_what_stands_there(pay, shop, write, card, field):
    ran = pay("--card", write("card.json", card))
    assert ran.code == 2
    assert f"{field}" in ran.error
    assert "card.json" in ran.error
    for value in (str(card.get("number")), "93712"):
        assert value not in ran.err
    assert shop.requests == []


@pytest.mark.parametrize("expiry", ["13/31", "9/31", "0931", "x"])
def test_an_expiry_is_written_in_one_way(pay, shop, monkeypatch, expiry):
    monkeypatch.setenv("ACP_CARD_NUMBER", PAN)
    monkeypatch.setenv("ACP_CARD_EXPIRY", expiry)
    ran = pay()
    assert ran.code == 2
    assert "MM/YY" in ran.error


def test_a_token_needs_no_card(pay, shop):
    shop.answers["discover"] = (200, NO_DELEGATION)
    assert pay("--token", "vt_mine").code == 0
    assert "delegate" not in shop.operations
    assert shop.body("complete")["payment_data"]["instrument"]["credential"]["token"] == "vt_mine"


def test_a_token_may_come_from_the_environment(pay, shop, monkeypatch):
    monkeypatch.setenv("ACP_TOKEN", "vt_mine")
    assert pay().code == 0
    assert "delegate" not in shop.operations


def test_the_provider_is_asked_with_its_own_key(pay, shop):
    assert pay("--test-card", "--psp", "https://psp.test/v1", "--psp-key", "pk_1").code == 0
    delegated = next(request for name, request in shop.requests if name == "delegate")
    assert str(delegated.url) == "https://psp.test/v1/agentic_commerce/delegate_payment"
    assert delegated.headers["authorization"] == "Bearer pk_1"
    assert all(
        request.headers.get("authorization") != "Bearer pk_1" for name, request in shop.requests if name != "delegate"
    )


def test_a_provider_key_alone_is_for_the_shops_own_provider(pay, shop, monkeypatch):
    monkeypatch.setenv("ACP_PSP_KEY", "pk_1")
    assert pay("--test-card").code == 0
    delegated = next(request for name, request in shop.requests if name == "delegate")
    assert str(delegated.url) == "https://shop.test/acp/agentic_commerce/delegate_payment"
    assert delegated.headers["authorization"] == "Bearer pk_1"


def test_the_key_of_the_shop_never_goes_to_another_provider(pay, shop):
    ran = pay("--test-card", "--psp", "https://psp.test")
    assert ran.code == 2
    assert "--psp-key" in ran.error
    assert shop.requests == []


def test_a_provider_that_nobody_names_is_asked_for_before_anything_is_opened(pay, shop):
    for document in (NO_DELEGATION, DISCOVERY | {"capabilities": {"services": None}}, DISCOVERY | {"capabilities": 7}):
        shop.answers["discover"] = (200, document)
        ran = pay("--test-card")
        assert ran.code == 2
        assert "--psp" in ran.error
    assert "create" not in shop.operations


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--test-card", "--token", "vt_1"],
        ["--card", "x.json", "--test-card"],
        ["--card", "no/such/file.json"],
        ["--test-card", "--ship-to", "no/such/file.json"],
        ["--test-card", "--quantity", "0"],
        ["--test-card", "--quantity", "1", "--quantity", "1"],
        ["--test-card", "--currency"],
    ],
)
def test_wrong_use_ends_with_2_and_one_line_before_anything_is_asked(pay, shop, arguments):
    ran = pay(*arguments)
    assert ran.code == 2
    assert ran.error
    assert ran.out == ""
    assert shop.requests == []


def test_a_key_for_the_shop_is_needed_and_may_come_from_the_environment(run, shop, monkeypatch):
    ran = run("buy", SHOP, "--item", "mug", "--test-card", "--yes")
    assert ran.code == 2
    assert "ACP_API_KEY" in ran.error
    monkeypatch.setenv("ACP_API_KEY", KEY)
    monkeypatch.setenv("ACP_BASE_URL", SHOP)
    assert run("buy", "--item", "mug", "--test-card", "--yes").code == 0
    assert shop.requests[-1][1].headers["authorization"] == f"Bearer {KEY}"


def test_without_a_terminal_nobody_can_be_asked(run, shop):
    ran = run(*ARGUMENTS, "--test-card")
    assert ran.code == 2
    assert "--yes" in ran.error
    assert shop.requests == []


def test_an_address_comes_from_a_file(pay, shop, write):
    toml = "\n".join(f"{key} = {json.dumps(value)}" for key, value in ADDRESS.items())
    assert pay("--test-card", "--ship-to", write("home.toml", toml)).code == 0
    assert shop.body("update") == {"fulfillment_details": {"address": ADDRESS}}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("home.json", {key: value for key, value in ADDRESS.items() if key != "city"}, "city"),
        ("home.json", ADDRESS | {"postal_code": 3011}, "postal_code"),
        ("home.json", ADDRESS | {"zip": "3011"}, "zip"),
        ("home.json", [ADDRESS], "not a JSON object"),
        ("home.json", "{", "not valid JSON at line 1"),
        ("home.json", "[" * 100_000, "not valid JSON"),
        ("home.toml", "city = ", "not valid TOML"),
    ],
)
def test_a_malformed_address_file_says_what_is_wrong_with_it(pay, shop, write, name, content, told):
    ran = pay("--test-card", "--ship-to", write(name, content))
    assert ran.code == 2
    assert told in ran.error
    assert name in ran.error
    assert shop.requests == []


def test_a_file_that_is_no_text_is_refused(pay, tmp_path):
    path = tmp_path / "home.json"
    path.write_bytes(b"\xff\xfe\x00")
    assert "not valid JSON" in pay("--test-card", "--ship-to", str(path)).error
