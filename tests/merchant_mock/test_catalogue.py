"""What the shop sells, and what becomes of a catalogue file that cannot be used."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import schemas
from merchant_mock.catalogue import BUILT_IN, Catalogue, load
from merchant_mock.feed import BadCatalogue


def product(**changes: Any) -> dict[str, Any]:
    variant = {"id": "hat", "title": "Hat", "price": {"amount": 1200, "currency": "USD"}}
    return {"id": "prod-hat", "title": "Hat", "variants": [variant], **changes}


def written(folder: Path, *lines: Any, sidecar: Any = None) -> Path:
    path = folder / "goods.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    if sidecar is not None:
        text = sidecar if isinstance(sidecar, str) else json.dumps(sidecar)
        (folder / "goods.stock.json").write_text(text, encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(BadCatalogue) as caught:
        load(path)
    return str(caught.value)


def test_the_shop_has_a_believable_range(catalogue: Catalogue) -> None:
    assert len(catalogue.products) >= 60
    kinds = {item.kind for item in catalogue.items.values()}
    assert kinds == {"physical", "oversized", "pickup_only", "digital"}
    assert len({item.category.partition(" > ")[0] for item in catalogue.items.values() if item.category}) >= 6


def test_every_product_of_the_shop_is_a_valid_feed_product(catalogue: Catalogue) -> None:
    check = schemas.validator("feed", "Product")
    assert [product["id"] for product in catalogue.products if not check.is_valid(product)] == []


def test_every_item_is_sold_in_three_currencies(catalogue: Catalogue) -> None:
    assert catalogue.currencies == ["usd", "eur", "jpy"]
    for item in catalogue.items.values():
        assert set(item.prices) == {"usd", "eur", "jpy"}
        assert all(price > 0 for price in item.prices.values()), item.id


def test_every_barcode_has_the_right_check_digit(catalogue: Catalogue) -> None:
    codes = [
        barcode["value"]
        for product in catalogue.products
        for variant in product["variants"]
        for barcode in variant.get("barcodes", [])
    ]
    assert len(codes) == len(set(codes)) > 100
    for code in codes:
        assert re.fullmatch(r"[0-9]{13}", code)
        assert sum(int(digit) * (3 if n % 2 else 1) for n, digit in enumerate(code)) % 10 == 0, code


def test_the_feed_says_of_each_item_what_the_shelf_says(catalogue: Catalogue) -> None:
    for product in catalogue.products:
        for variant in product["variants"]:
            units = catalogue.items[variant["id"]].units
            expected = "in_stock" if units is None or units > 5 else "limited_stock" if units else "out_of_stock"
            assert variant["availability"] == {"available": units != 0, "status": expected}, variant["id"]


def test_every_address_in_the_catalogue_is_of_the_example_domain() -> None:
    urls = re.findall(r'https?://[^"/]+', BUILT_IN.read_text(encoding="utf-8"))
    assert set(urls) == {"https://shop.example"}


def test_a_catalogue_of_ones_own_needs_no_second_file(tmp_path: Path) -> None:
    item = load(written(tmp_path, product())).items["hat"]
    assert (item.name, item.prices["usd"], item.kind, item.units, item.tax) == ("Hat", 1200, "physical", 50, "standard")
    assert (item.weight_grams, item.max_per_order, item.images, item.category) == (500, 20, [], None)


def test_the_second_file_says_what_the_feed_cannot(tmp_path: Path) -> None:
    facts = {"defaults": {"units": 7}, "items": {"hat": {"weight_grams": 90, "prices": {"eur": 1111}}}}
    item = load(written(tmp_path, product(), sidecar=facts)).items["hat"]
    assert (item.units, item.weight_grams, item.prices["eur"]) == (7, 90, 1111)


@pytest.mark.parametrize(
    ("prices", "convert", "currencies"),
    [
        ([{}, {}], False, ["usd"]),
        ([{"eur": 1}, {}], False, ["usd"]),
        ([{"eur": 1}, {"eur": 2}], False, ["usd", "eur"]),
        ([{}, {}], True, ["usd", "eur", "jpy"]),
    ],
)
def test_a_shop_sells_in_the_currencies_all_its_items_have_a_price_in(
    tmp_path: Path, prices: list[dict[str, int]], convert: bool, currencies: list[str]
) -> None:
    ids = ["hat", "cap"]
    variants = [{"id": id, "title": id, "price": {"amount": 1200, "currency": "USD"}} for id in ids]
    facts = {"convert": convert, "items": {id: {"prices": own} for id, own in zip(ids, prices, strict=True)}}
    catalogue = load(written(tmp_path, product(variants=variants), sidecar=facts))
    assert catalogue.currencies == currencies
    assert [list(item.prices) for item in catalogue.items.values()] == [currencies] * 2


def test_prices_in_another_market_are_sold_in_that_market_only(tmp_path: Path) -> None:
    variant = {"id": "hat", "title": "Hat", "price": {"amount": 1200, "currency": "EUR"}}
    catalogue = load(written(tmp_path, product(variants=[variant])))
    assert catalogue.currencies == ["eur"]
    assert catalogue.items["hat"].prices == {"eur": 1200}


@pytest.mark.parametrize(
    ("description", "expected"),
    [({"markdown": "*warm*"}, "*warm*"), ({"html": "<b>warm</b>"}, "<b>warm</b>"), ({"plain": "a", "html": "b"}, "a")],
)
def test_a_description_is_taken_as_plainly_as_it_comes(tmp_path: Path, description: Any, expected: str) -> None:
    assert load(written(tmp_path, product(description=description))).items["hat"].description == expected


def test_empty_lines_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeff" + json.dumps(product()), "", "   ")
    assert list(load(path).items) == ["hat"]


def test_a_variant_without_an_address_has_that_of_its_product(tmp_path: Path) -> None:
    path = written(tmp_path, product(url="https://shop.example/hat"))
    assert load(path).items["hat"].url == "https://shop.example/hat"


def priced(**price: Any) -> dict[str, Any]:
    return product(id="p2", variants=[{"id": "cap", "title": "Cap", "price": price}])


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["{"], r"goods.jsonl, line 1: not JSON: .+ at column 2"),
        (["", "[1, 2"], r"goods.jsonl, line 2: not JSON"),
        (["7"], r"line 1: \$: "),
        ([product(), {"id": "x"}], r"line 2: \$.*variants"),
        ([product(colour="red")], r"line 1: \$.*colour"),
        ([product(), priced(amount=-1, currency="USD")], r"line 2: \$\.variants\[0\]\.price\.amount: "),
        ([priced(amount=9.5, currency="USD")], r"line 1: \$\.variants\[0\]\.price\.amount: "),
        ([priced(amount=1, currency="usd")], r"line 1: \$\.variants\[0\]\.price\.currency: "),
        ([product(variants=[])], r"line 1: \$\.variants: .*at least one"),
        ([product(variants=[{"id": "cap", "title": "Cap"}])], r"line 1: \$\.variants\[0\]\.price: cap has no price"),
        ([product(), product()], r"line 2: \$\.variants\[0\]\.id: hat stands on line 1 already"),
        (
            [product(variants=[priced(amount=1, currency="USD")["variants"][0]] * 2)],
            r"line 1: \$\.variants\[1\]\.id: cap stands on line 1",
        ),
        ([product(), priced(amount=1, currency="EUR")], r"line 2: .*EUR, but the first price is in USD"),
        ([priced(amount=1, currency="KWD")], r"no market for prices in KWD.*USD, EUR, JPY"),
        ([""], r"goods.jsonl holds no product"),
    ],
)
def test_a_bad_line_is_refused_with_its_place_and_the_reason(tmp_path: Path, lines: list[Any], says: str) -> None:
    assert re.search(says, refusal(written(tmp_path, *lines)))


def test_a_file_that_is_not_utf8_is_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "goods.jsonl"
    path.write_bytes(json.dumps(product()).encode() + b"\n\xff\xfe\x00")
    assert "goods.jsonl, line 2: not UTF-8" in refusal(path)


def test_a_file_that_is_not_there_is_refused_in_a_sentence(tmp_path: Path) -> None:
    assert "cannot be read: No such file or directory." in refusal(tmp_path / "none.jsonl")
    assert "cannot be read: Is a directory." in refusal(tmp_path)


@pytest.mark.parametrize(
    ("sidecar", "says"),
    [
        ("{", r"goods\.stock\.json, line 1: not JSON"),
        ({"items": {"hat": {"units": -1}}}, r"goods\.stock\.json: \$\.items\.hat\.units: "),
        ({"items": {"hat": {"colour": "red"}}}, r"\$\.items\.hat: .*colour"),
        ({"items": {"cap": {}}}, r"\$\.items: cap is not in the catalogue"),
        ({}, r"\$: .*items"),
    ],
)
def test_a_bad_second_file_is_refused_with_its_place(tmp_path: Path, sidecar: Any, says: str) -> None:
    assert re.search(says, refusal(written(tmp_path, product(), sidecar=sidecar)))
