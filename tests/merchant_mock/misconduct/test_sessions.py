"""A shop whose session ids are numbers can be bought from all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from merchant_mock.catalogue import Catalogue
from merchant_mock.faults import faults
from tests.merchant_mock.walk import shop_on_the_way


def test_a_session_is_found_and_paid_for_by_its_number(tmp_path: Path, catalogue: Catalogue) -> None:
    with shop_on_the_way(tmp_path, faults(["ids_are_numbers"]), catalogue) as walker:
        session = walker.open("create", "soap")
        done: Any = walker.pay("complete", session, walker.mint("token", session))
        stranger = walker.mint("token of nobody", {"id": 17, "totals": []})
        assert walker.see("retrieve", done)["id"] == done["id"] == session["id"]
    assert isinstance(session["id"], int)
    assert (done["status"], done["order"]["checkout_session_id"]) == ("completed", str(session["id"]))
    assert stranger["id"].startswith("vt_")
