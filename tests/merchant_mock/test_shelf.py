"""The catalogue as agents search it."""

from __future__ import annotations

from merchant_mock.catalogue import Catalogue
from merchant_mock.shelf import Shelf


async def test_every_word_must_occur_whatever_its_case(catalogue: Catalogue) -> None:
    shelf = Shelf(catalogue.products)
    found = await shelf.search("BLUE stoneware", 0, 20)
    assert [product["id"] for product in found] == ["prod-mug"]
    assert await shelf.search("stoneware submarine", 0, 20) == []


async def test_who_has_the_word_in_his_title_comes_first(catalogue: Catalogue) -> None:
    found = await Shelf(catalogue.products).search("mug", 0, 100)
    titled = ["mug" in product["title"].casefold() for product in found]
    assert titled == sorted(titled, reverse=True)
    assert titled[0]


async def test_everything_is_found_page_by_page_by_no_word(catalogue: Catalogue) -> None:
    shelf = Shelf(catalogue.products)
    pages = [await shelf.search("", offset, 20) for offset in range(0, 100, 20)]
    assert [product["id"] for page in pages for product in page] == [each["id"] for each in catalogue.products]


async def test_a_product_is_found_by_its_id_and_by_that_of_a_variant(catalogue: Catalogue) -> None:
    shelf = Shelf(catalogue.products)
    product = await shelf.product("prod-mug")
    assert product is not None
    assert await shelf.product("mug-blue") == product
    assert await shelf.product("nothing") is None
