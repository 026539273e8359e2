from hypothesis import given
from hypothesis import strategies as st

from acp.totals import amount_of, line_totals, session_totals

lines = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(1, 50), st.integers(0, 10**4), st.integers(0, 10**4)),
    min_size=1,
    max_size=8,
)


@given(lines, st.integers(0, 10**5), st.integers(0, 10**4), st.integers(0, 10**4), st.integers(0, 10**4), st.booleans())
def test_a_session_costs_its_lines_plus_fulfillment_and_fees_less_the_discount(
    rows, fulfillment, tax, fee, discount, inclusive
):
    priced = [
        {"totals": line_totals(unit, quantity, discount=less, tax=vat, inclusive=inclusive)}
        for unit, quantity, less, vat in rows
    ]
    totals = session_totals(
        priced, fulfillment=fulfillment, fulfillment_tax=tax, fee=fee, discount=discount, inclusive=inclusive
    )
    of_lines = sum(amount_of(line["totals"], "total") for line in priced)
    expected = of_lines + fulfillment + fee - discount + (0 if inclusive else tax)
    assert amount_of(totals, "total") == expected
    assert amount_of(totals, "items_discount") == sum(less for _, _, less, _ in rows)


def test_entries_of_nothing_are_left_out_but_the_ones_a_buyer_looks_for_are_there():
    totals = session_totals([{"totals": line_totals(1000, 2, tax=160)}])
    assert [(t["type"], t["amount"]) for t in totals] == [
        ("items_base_amount", 2000),
        ("subtotal", 2000),
        ("fulfillment", 0),
        ("tax", 160),
        ("total", 2160),
    ]
    assert all(t["display_text"] for t in totals)
