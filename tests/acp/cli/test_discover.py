from __future__ import annotations

import json

import httpx
import pytest
import typer

from tests.acp.cli.shop import DISCOVERY, SHOP


def test_a_table_shows_what_the_shop_offers(run, shop):
    ran = run("discover", SHOP)
    assert (ran.code, ran.error) == (0, "")
    facts = dict(line.split(maxsplit=1) for line in ran.out.splitlines())
    assert facts["Protocol"].strip() == "acp 2026-04-17"
    assert facts["Address"].strip() == "https://shop.test/acp"
    assert facts["Services"].strip() == "checkout, orders, delegate_payment"
    assert facts["Currencies"].strip() == "eur, usd"
    assert "Locales" not in facts
    assert "\x1b" not in ran.out + ran.err


def test_json_prints_the_document_and_nothing_else(run, shop):
    ran = run("discover", SHOP, "--json")
    assert ran.code == 0
    assert json.loads(ran.out) == DISCOVERY


def test_the_shop_may_be_named_by_the_environment(run, shop, monkeypatch):
    monkeypatch.setenv("ACP_BASE_URL", SHOP)
    assert run("discover").code == 0


def test_no_key_is_sent_even_where_there_is_one(run, shop, monkeypatch):
    monkeypatch.setenv("ACP_API_KEY", "secret")
    run("discover", SHOP)
    assert "authorization" not in shop.requests[0][1].headers


def test_what_departs_from_the_schema_is_told_beside_the_table(run, shop):
    shop.answers["discover"] = (200, DISCOVERY | {"transports": ["pigeon"]})
    ran = run("discover", SHOP)
    assert ran.code == 0
    assert "pigeon" in ran.out
    assert "$.transports[0]" in ran.err


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"protocol": None, "capabilities": []},
        {"protocol": {"name": 7, "supported_versions": "all"}, "capabilities": {"services": 1, "extensions": ["x"]}},
    ],
)
def test_an_odd_document_is_shown_as_far_as_it_can_be(run, shop, document):
    shop.answers["discover"] = (200, document)
    ran = run("discover", SHOP)
    assert ran.code == 0
    assert "Protocol" in ran.out


def test_text_of_the_shop_cannot_drive_the_terminal(run, shop):
    document = DISCOVERY | {"transports": ["\x1b[2Jrest", "[red]mcp[/red]", "a\nb", "\u202eevil", ":smile:"]}
    shop.answers["discover"] = (200, document)
    ran = run("discover", SHOP)
    assert "\x1b" not in ran.out + ran.err
    assert "\u202e" not in ran.out
    assert "[red]mcp[/red], a b" in ran.out
    assert ":smile:" in ran.out


@pytest.mark.parametrize("answer", [(404, {}), (404, "<html>"), (200, "<html>"), (301, "")])
def test_a_site_that_does_not_speak_the_protocol_ends_with_1(run, shop, answer):
    shop.answers["discover"] = answer
    ran = run("discover", SHOP)
    assert (ran.code, ran.out) == (1, "")
    assert ran.error.startswith(
        "https://shop.test does not speak the Agentic Commerce Protocol: "
        f"GET https://shop.test/.well-known/acp.json answered {answer[0]}"
    )


@pytest.mark.parametrize(("answer", "code"), [((404, {}), 1), ((502, "<html>"), 3), (httpx.ConnectError("no"), 3)])
def test_json_tells_a_failure_too(run, shop, answer, code):
    shop.answers["discover"] = answer
    ran = run("discover", SHOP, "--json")
    found = json.loads(ran.out)
    assert (ran.code, found["exit_code"], found["message"]) == (code, code, ran.error)
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize(
    "answer", [(502, "<html>"), (503, {}), httpx.ConnectError("refused"), httpx.ReadTimeout("slow")]
)
def test_a_failing_server_or_network_ends_with_3(run, shop, answer):
    shop.answers["discover"] = answer
    ran = run("discover", SHOP)
    assert (ran.code, ran.out) == (3, "")
    assert ran.error


@pytest.mark.parametrize(
    "arguments", [["discover"], ["discover", "shop.test"], ["discover", SHOP, "--nope"], ["look"], []]
)
def test_wrong_use_ends_with_2_and_one_line(run, arguments):
    ran = run(*arguments)
    assert ran.code == 2
    assert ran.error
    assert "Traceback" not in ran.err


def test_an_interruption_ends_with_130(run, shop):
    shop.answers["discover"] = KeyboardInterrupt()
    ran = run("discover", SHOP)
    assert (ran.code, ran.error) == (130, "interrupted.")


def test_an_option_parser_that_gives_up_is_an_interruption_too(run, monkeypatch):
    def give_up(**_: object) -> None:
        raise typer.Abort

    monkeypatch.setattr("acp.cli.app.app", give_up)
    assert run("discover", SHOP).code == 130
