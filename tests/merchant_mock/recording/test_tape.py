"""The file of a recording: written as things happen, read with care."""

from __future__ import annotations

import json
import stat
import threading

import pytest

from acp.errors import UsageError
from merchant_mock.app import Terms
from merchant_mock.catalogue import BUILT_IN
from merchant_mock.recording.recorder import Recorder, digest, header_of
from merchant_mock.recording.tape import Header, newest, read
from tests.merchant_mock.recording.conftest import NOON, Clock, recording

HEADER = Header("0.1.0", "2026-04-17", "http://shop.test", {"at": NOON.isoformat(), "stopped": True}, seed=7)
EXCHANGE = {
    "n": 1, "at": NOON.isoformat(), "seconds": 0.1, "reply": None,
    "request": {"method": "GET", "path": "/", "headers": [], "body": ""},
}  # fmt: skip


def written(tmp_path, *lines):
    file = tmp_path / "one.jsonl"
    file.write_bytes(b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines))
    return file


def test_a_purchase_is_written_with_its_event_and_without_its_secrets(tmp_path):
    with recording(tmp_path) as shop:
        session = shop.open()
        token = shop.mint(session, cvc="987")
        shop.pay(session, token)
        before_the_end = read(shop.path)
        assert len(before_the_end.exchanges) == 3, "each is in the file when it is over"
    tape = read(shop.path)
    assert [(e["n"], e["request"]["method"], e["reply"]["status"]) for e in tape.exchanges] == [
        (1, "POST", 201),
        (2, "POST", 201),
        (3, "POST", 200),
    ]
    (event,) = tape.events
    assert json.loads(event["event"]["body"])["type"] == "order_create"
    assert event["verdict"] == {"taken": True, "said": "HTTP 200"}
    text = shop.path.read_text()
    assert all(secret not in text for secret in ("acp_demo_key", token, "987", "acp_demo_webhook_secret"))
    assert "4242424242424242" in text
    assert stat.S_IMODE(shop.path.stat().st_mode) == 0o600
    terms = Terms(None, None, tape.header.url, seed=7, clock=Clock(at=NOON, stopped=True))
    assert tape.header == header_of(terms, BUILT_IN)


def test_a_line_that_a_crash_left_incomplete_is_left_out(tmp_path):
    file = written(tmp_path, HEADER.to_dict(), EXCHANGE, b'{"n": 2, "at": "20')
    assert [exchange["n"] for exchange in read(file).exchanges] == [1]


def test_exchanges_are_read_in_the_order_in_which_they_were_asked(tmp_path):
    file = written(tmp_path, HEADER.to_dict(), EXCHANGE | {"n": 2}, EXCHANGE | {"n": 1})
    assert [exchange["n"] for exchange in read(file).exchanges] == [1, 2]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "is no recording of a shop"),
        ([{}], "is no recording of a shop"),
        ([HEADER.to_dict() | {"recording": 2}], "is no recording of a shop"),
        ([HEADER.to_dict() | {"clock": {}}], "line 1: the header of the recording is not complete"),
        ([HEADER.to_dict() | {"clock": {"at": "noon"}}], "line 1: the header"),
        ([{"recording": 1}], "line 1: the header"),
        ([HEADER.to_dict(), b"{\n"], "line 2: not a JSON object"),
        ([HEADER.to_dict(), b"[]\n"], "line 2: not a JSON object"),
        ([HEADER.to_dict(), {}], "line 2: neither an exchange nor an order event"),
        ([HEADER.to_dict(), EXCHANGE | {"at": "noon"}], "line 2: neither"),
        ([HEADER.to_dict(), EXCHANGE | {"reply": {"headers": [], "body": ""}}], "line 2: neither"),
        ([HEADER.to_dict(), EXCHANGE | {"reply": {"headers": [], "body": "", "status": "2"}}], "line 2: neither"),
        ([HEADER.to_dict(), EXCHANGE | {"n": "1"}], "line 2: neither"),
        ([HEADER.to_dict(), EXCHANGE | {"request": {"headers": [[1, 2]], "body": ""}}], "line 2: neither"),
        ([HEADER.to_dict(), {"event": {"headers": [], "body": None}}], "line 2: neither"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_line(tmp_path, lines, says):
    with pytest.raises(UsageError, match=says):
        read(written(tmp_path, *lines))


def test_a_file_that_cannot_be_read_or_written_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none\.jsonl cannot be read: No such file"):
        read(tmp_path / "none.jsonl")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"The recording cannot be written to .*file: File exists"):
        Recorder(tmp_path / "file", HEADER, "key")


def test_each_run_has_a_file_and_of_a_folder_the_last_one_is_taken(tmp_path):
    paths = []
    for _ in range(2):
        recorder = Recorder(tmp_path, HEADER, "key")
        recorder.close()
        paths.append(recorder.path)
    assert [path.name for path in paths] == ["20260506T120000-001.jsonl", "20260506T120000-002.jsonl"]
    assert newest(tmp_path) == paths[1]
    assert newest(paths[0]) == paths[0]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="There is no recording in"):
        newest(tmp_path / "empty")


def test_a_catalogue_of_ones_own_is_known_by_its_digest(tmp_path):
    (tmp_path / "goods.jsonl").write_text("x")
    assert digest(BUILT_IN) is None
    assert digest(tmp_path / "goods.jsonl").startswith(
        "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    )


def test_requests_side_by_side_are_each_written_whole(tmp_path):
    with recording(tmp_path) as shop:
        threads = [threading.Thread(target=shop.get, args=(f"/checkout_sessions/cs_{n}",)) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [exchange["n"] for exchange in read(shop.path).exchanges] == list(range(1, 21))
