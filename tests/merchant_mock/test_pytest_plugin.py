"""The pytest plugin, in runs of pytest of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.merchant_mock.testing.conftest import ROOT, run

__all__ = ["run"]

BUYING = """
import pytest
from acp.client import Decisions

CARD = {
    "type": "card", "card_number_type": "fpan", "number": "4242424242424242", "exp_month": "12", "exp_year": "2099",
    "cvc": "123", "display_card_funding_type": "credit", "metadata": {},
}

def buy(merchant):
    return merchant.client.purchase(["gift-card-50"], "usd", Decisions(pay_with=CARD, max_total=5_000))
"""


def test_a_test_buys_from_a_shop_of_its_own_and_hears_of_the_order(run):
    ran = run(
        BUYING
        + """
def test_first(acp_merchant, acp_webhooks):
    bought = buy(acp_merchant)
    event = acp_webhooks.wait_for("order_create", bought.order.id)
    assert event["data"]["id"] == acp_merchant.orders[0]["id"] == acp_merchant.sessions[0]["order"]["id"]
    assert (acp_merchant.webhooks is acp_webhooks, acp_merchant.clock.stopped) == (True, False)

def test_second(acp_merchant, acp_webhooks):
    assert (acp_merchant.sessions, acp_merchant.orders, acp_merchant.requests, acp_webhooks.events) == ([], [], [], [])
"""
    )
    assert "2 passed" in ran.stdout, ran.stdout


def test_what_is_said_nearest_to_a_test_counts(run):
    ran = run(
        BUYING
        + """
pytestmark = pytest.mark.acp_merchant(seed=5, clock="2026-05-06T12:00:00Z")

def levers(merchant):
    return [lever.name for lever in merchant.levers.levers]

def id_of_a_session(merchant):
    return merchant.client.checkout_sessions.create(["soap"], "usd").id

ids = {}

def test_of_the_module(acp_merchant):
    assert acp_merchant.clock().isoformat() == "2026-05-06T12:00:00+00:00"
    assert levers(acp_merchant) == ["amounts_are_decimals", "extra_headers"]
    ids["module"] = id_of_a_session(acp_merchant)

@pytest.mark.acp_merchant(seed=6, fault=())
def test_of_its_own(acp_merchant):
    assert acp_merchant.clock().isoformat() == "2026-05-06T12:00:00+00:00"
    assert levers(acp_merchant) == ["extra_headers"]
    ids["own"] = id_of_a_session(acp_merchant)

@pytest.mark.parametrize("name", [pytest.param("clock", marks=pytest.mark.acp_merchant(clock="2027-01-01"))])
def test_of_a_parameter(acp_merchant, name):
    assert acp_merchant.clock().isoformat() == "2027-01-01T00:00:00+00:00"
    assert id_of_a_session(acp_merchant) == ids["module"] != ids["own"]
""",
        "--acp-fault",
        "amounts_are_decimals",
        "--acp-seed=3",
        ini="acp_variation = extra_headers\nacp_fault = none_such\n",
    )
    assert "3 passed" in ran.stdout, ran.stdout


@pytest.mark.parametrize(
    ("mark", "says"),
    [
        ('fault="amounts_are_decimal"', "There is no fault amounts_are_decimal. Did you mean amounts_are_decimals"),
        ('clock="noon"', "The clock 'noon' is no moment: give one such as 2026-05-06T12:00:00Z."),
        ("clock=7", "The clock 7 is no moment"),
        ('seed="one"', "The seed 'one' is no whole number."),
        ('colour="red"', "There is no setting colour. There are: fault, variation, scenario,"),
        ('catalogue="none.jsonl"', "none.jsonl cannot be read: No such file or directory."),
        ('"slow"', "@pytest.mark.acp_merchant takes names: fault=…, not 'slow'."),
    ],
)
def test_a_shop_that_cannot_be_is_refused_in_one_line(run, mark, says):
    ran = run(f"import pytest\n@pytest.mark.acp_merchant({mark})\ndef test_it(acp_merchant): ...\n")
    assert "1 error" in ran.stdout
    assert says in ran.stdout
    assert "Traceback" not in ran.stdout
    assert "During handling" not in ran.stdout


def test_the_markers_and_options_are_explained(run):
    assert (
        "acp_merchant(fault, variation, scenario, clock, seed, catalogue): how the shop" in run("", "--markers").stdout
    )
    helped = run("", "--help").stdout
    assert all(
        f"--acp-{name}" in helped and f"acp_{name}" in helped for name in ("fault", "variation", "scenario", "seed")
    )


def test_async_tests_use_it_on_asyncio_and_on_trio(run):
    test = """
import pytest

@pytest.mark.anyio
async def test_it(acp_merchant, acp_webhooks):
    async with acp_merchant.async_client() as client:
        session = await client.checkout_sessions.create(["soap"], "usd")
    assert acp_merchant.sessions[0]["id"] == session.id

@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param
"""
    ran = run(test, "-p", "anyio")
    assert "2 passed" in ran.stdout, ran.stdout
    own = "async def test_it(acp_merchant):\n    async with acp_merchant.async_client() as client:\n"
    own += "        await client.discover()\n"
    ini = "asyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
    ran = run(own, "-p", "pytest_asyncio.plugin", ini=ini)
    assert "1 passed" in ran.stdout, ran.stdout


def test_two_hundred_tests_side_by_side_do_not_meet(run, tmp_path):
    ran = run(
        BUYING
        + f'''
MANY = [pytest.param(n, marks=pytest.mark.acp_merchant(seed=n)) for n in range(200)]

@pytest.mark.parametrize("n", MANY)
def test_it(acp_merchant, acp_webhooks, n):
    bought = buy(acp_merchant)
    event = acp_webhooks.wait_for("order_create", bought.order.id, timeout=30)
    assert acp_webhooks.events == [event]
    assert [session["id"] for session in acp_merchant.sessions] == [bought.session.id]
    assert [order["id"] for order in acp_merchant.orders] == [bought.order.id]
    assert all(("host", acp_merchant.url.removeprefix("http://")) in x.asked.headers for x in acp_merchant.requests)
    assert {{x.asked.session_id for x in acp_merchant.requests}} == {{None, bought.session.id}}
    with open("{tmp_path}/bought.txt", "a") as file:
        file.write(f"{{bought.order.id}}\\n")
''',
        *("-p", "xdist", "-n", "4"),
    )
    assert "200 passed" in ran.stdout, ran.stdout[-3000:]
    assert len(set((tmp_path / "bought.txt").read_text().split())) == 200


def test_loading_the_plugin_loads_nothing_of_the_shop():
    code = "import sys, pytest; before = set(sys.modules); import merchant_mock.pytest_plugin; "
    code += "print(*sorted(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert loaded.stdout.split() == ["merchant_mock", "merchant_mock.pytest_plugin"]


def test_without_the_extra_the_run_goes_on_and_the_fixture_says_what_to_install(run, tmp_path):
    (tmp_path / "conftest.py").write_text('import sys\nsys.modules["uvicorn"] = None\n')
    ran = run("def test_it(acp_merchant): ...\ndef test_other(): ...\n")
    assert re.search(r"^acp_merchant needs the \"mock\" extra: pip install", ran.stdout, re.MULTILINE), ran.stdout
    assert "1 passed, 1 error" in ran.stdout


def test_the_package_registers_the_plugin():
    import tomllib

    entry = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["pytest11"]
    assert entry == {"acp_merchant": "merchant_mock.pytest_plugin"}
    assert (Path(ROOT) / "merchant_mock" / "pytest_plugin.py").exists()
