"""The key beside a database: one for each file, the same after a restart, for its owner's eyes only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from acp.errors import UsageError
from merchant_mock.keyfile import key_beside


def test_a_key_is_made_once_and_read_again(tmp_path: Path) -> None:
    first = key_beside(tmp_path / "shop.db")
    assert len(first) == 32
    assert key_beside(tmp_path / "shop.db") == first
    assert key_beside(tmp_path / "other.db") != first


def test_only_its_owner_may_read_the_key(tmp_path: Path) -> None:
    key_beside(tmp_path / "shop.db")
    assert (tmp_path / "shop.db.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["shop.db.key"]


def test_many_who_open_at_once_have_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as openers:
        keys = set(openers.map(key_beside, [tmp_path / "shop.db"] * 32))
    assert len(keys) == 1


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop.db.key").write_bytes(b"short")
    with pytest.raises(UsageError, match=r"shop\.db\.key is not one: it has 5 bytes instead of 32"):
        key_beside(tmp_path / "shop.db")


def test_a_key_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"The key file .* cannot be used: No such file or directory\."):
        key_beside(tmp_path / "none" / "shop.db")


def test_a_key_made_by_somebody_else_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = key_beside(tmp_path / "shop.db")
    monkeypatch.setattr(Path, "exists", lambda path: False)
    assert key_beside(tmp_path / "shop.db") == first
