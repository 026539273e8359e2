"""Stock: set aside, given back and sold, once each, also when two want the last unit at the same time."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from acp.errors import UsageError
from merchant_mock.catalogue import Catalogue
from merchant_mock.stock import Short, Stock


def test_the_shelves_are_filled_from_the_catalogue(stock: Stock, catalogue: Catalogue) -> None:
    assert stock.left() == {item.id: item.units for item in catalogue.items.values()}


def test_what_one_session_holds_the_others_cannot_have(stock: Stock) -> None:
    assert stock.reserve("a", {"blanket-few-left": 2}) == []
    assert stock.left("a")["blanket-few-left"] == 3
    assert stock.left("b")["blanket-few-left"] == 1
    assert stock.reserve("b", {"blanket-few-left": 2}) == [Short("blanket-few-left", 2, 1)]


def test_reserving_twice_is_reserving_once(stock: Stock) -> None:
    assert stock.reserve("a", {"globe-last-one": 1}) == []
    assert stock.reserve("a", {"globe-last-one": 1}) == []
    assert stock.left()["globe-last-one"] == 0


def test_a_changed_cart_replaces_what_was_held(stock: Stock) -> None:
    stock.reserve("a", {"globe-last-one": 1})
    stock.reserve("a", {"blanket-few-left": 1})
    left = stock.left()
    assert (left["globe-last-one"], left["blanket-few-left"]) == (1, 2)


def test_all_units_are_set_aside_or_none(stock: Stock) -> None:
    assert stock.reserve("a", {"mug-blue": 5, "clock-sold-out": 1}) == [Short("clock-sold-out", 1, 0)]
    assert stock.left()["mug-blue"] == 120


def test_releasing_gives_back_and_may_be_repeated(stock: Stock) -> None:
    stock.reserve("a", {"globe-last-one": 1})
    stock.release("a")
    stock.release("a")
    assert stock.left()["globe-last-one"] == 1


def test_selling_turns_the_hold_into_a_sale_once(stock: Stock) -> None:
    stock.reserve("a", {"blanket-few-left": 2})
    stock.sell("a", {"blanket-few-left": 2})
    stock.sell("a", {"blanket-few-left": 2})
    assert stock.left()["blanket-few-left"] == 1
    assert stock.sold("a") == {"blanket-few-left": 2}


def test_a_sale_is_neither_given_back_nor_reserved_again(stock: Stock) -> None:
    stock.sell("a", {"globe-last-one": 1})
    stock.release("a")
    assert stock.reserve("a", {"globe-last-one": 1}) == []
    assert stock.left()["globe-last-one"] == 0


def test_a_paid_order_is_honoured_although_its_hold_was_lost(stock: Stock) -> None:
    stock.sell("a", {"globe-last-one": 1})
    stock.sell("b", {"globe-last-one": 1})
    assert stock.left()["globe-last-one"] == 0
    assert stock.sold("b") == {"globe-last-one": 1}


def test_goods_that_never_run_out_never_run_out(stock: Stock) -> None:
    assert stock.reserve("a", {"gift-card-50": 1000}) == []
    stock.sell("a", {"gift-card-50": 1000})
    assert stock.left()["gift-card-50"] is None


def test_an_item_can_be_counted_anew(stock: Stock) -> None:
    stock.set_units("clock-sold-out", 4)
    assert stock.left()["clock-sold-out"] == 4


def test_units_survive_a_restart(tmp_path: Path, catalogue: Catalogue) -> None:
    for _ in range(2):
        stock = Stock(tmp_path / "shop.db", catalogue.items.values())
        stock.sell("a", {"blanket-few-left": 1})
        assert stock.left()["blanket-few-left"] == 2
        stock.close()


def test_a_seed_varies_ordinary_levels_and_only_those(tmp_path: Path, catalogue: Catalogue) -> None:
    def levels(name: str, seed: int | None) -> dict[str, int | None]:
        stock = Stock(tmp_path / name, catalogue.items.values(), seed=seed)
        try:
            return stock.left()
        finally:
            stock.close()

    plain, first, again, other = levels("a", None), levels("b", 7), levels("c", 7), levels("d", 8)
    assert first == again
    assert len({str(plain), str(first), str(other)}) == 3
    for fixed in ("globe-last-one", "clock-sold-out", "blanket-few-left", "gift-card-50"):
        assert plain[fixed] == first[fixed] == other[fixed]
    assert 60 <= (first["mug-blue"] or 0) <= 180


def test_of_many_threads_one_gets_the_last_unit(tmp_path: Path, catalogue: Catalogue) -> None:
    stocks = [Stock(tmp_path / "shop.db", catalogue.items.values()) for _ in range(4)]
    start, got = threading.Barrier(12), []

    def want(n: int) -> None:
        start.wait()
        if not stocks[n % 4].reserve(f"session-{n}", {"globe-last-one": 1}):
            got.append(n)

    threads = [threading.Thread(target=want, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for stock in stocks:
        stock.close()
    assert len(got) == 1


_BUYER = """
import sys
from merchant_mock.catalogue import load
from merchant_mock.stock import Stock
stock = Stock(sys.argv[1], load().items.values())
sys.stdin.readline()
short = stock.reserve(sys.argv[2], {"globe-last-one": 1})
if not short:
    stock.sell(sys.argv[2], {"globe-last-one": 1})
sys.stdout.write("short" if short else "sold")
"""


def test_of_many_processes_one_gets_the_last_unit(tmp_path: Path) -> None:
    buyers = [
        subprocess.Popen(
            [sys.executable, "-c", _BUYER, str(tmp_path / "shop.db"), f"session-{n}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for n in range(4)
    ]  # fmt: skip
    for buyer in buyers:
        assert buyer.stdin is not None
        buyer.stdin.write("go\n")
        buyer.stdin.flush()
    outcomes = [buyer.communicate(timeout=20)[0] for buyer in buyers]
    assert sorted(outcomes) == ["short", "short", "short", "sold"]


def test_a_failed_change_leaves_nothing_behind(stock: Stock) -> None:
    with pytest.raises(KeyError):
        stock.reserve("a", {"mug-blue": 1, "no-such-item": 1})
    assert stock.reserve("b", {"mug-blue": 120}) == []


def test_a_file_that_cannot_be_used_is_refused_in_a_sentence(tmp_path: Path, catalogue: Catalogue) -> None:
    with pytest.raises(UsageError, match=r"The database .* cannot be used: "):
        Stock(tmp_path, catalogue.items.values())
    (tmp_path / "text").write_text("no database " * 100)
    with pytest.raises(UsageError, match="is no database"):
        Stock(tmp_path / "text", catalogue.items.values())


def test_what_the_buyer_does_not_keep_goes_back_on_the_shelf_once(stock: Stock) -> None:
    stock.sell("a", {"blanket-few-left": 3, "gift-card-50": 2})
    for _ in range(2):
        stock.keep_sold("a", {"blanket-few-left": 1})
        assert stock.left()["blanket-few-left"] == 2
        assert stock.left()["gift-card-50"] is None
        assert stock.sold("a") == {"blanket-few-left": 1, "gift-card-50": 0}
    stock.keep_sold("a", {"blanket-few-left": 3})
    assert stock.left()["blanket-few-left"] == 2
    stock.sell("a", {"blanket-few-left": 3})
    assert stock.left()["blanket-few-left"] == 2


def test_only_what_is_sold_comes_back(stock: Stock) -> None:
    stock.reserve("a", {"globe-last-one": 1})
    stock.keep_sold("a", {})
    assert stock.left()["globe-last-one"] == 0
