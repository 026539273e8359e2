import pytest

from acp import errors


def test_the_tree_in_the_docstring_names_every_error_once_and_in_its_place():
    drawn = (errors.__doc__ or "").splitlines()
    names = {
        word for line in drawn for word in line.replace("├──", " ").replace("└──", " ").replace("│", " ").split()[:1]
    }
    classes = {name for name, cls in vars(errors).items() if isinstance(cls, type) and issubclass(cls, errors.AcpError)}
    assert classes <= names


@pytest.mark.parametrize(
    ("status", "code", "cls"),
    [
        (400, "invalid", errors.InvalidRequest),
        (400, "requires_3ds", errors.InvalidRequest),
        (400, "missing_api_version", errors.UnsupportedVersion),
        (400, "unsupported_api_version", errors.UnsupportedVersion),
        (400, "idempotency_key_required", errors.IdempotencyKeyRequired),
        (401, "whatever", errors.Unauthorized),
        (404, "not_found", errors.NotFound),
        (405, "session_finished", errors.NotAllowedNow),
        (409, "idempotency_in_flight", errors.IdempotencyInFlight),
        (409, "idempotency_conflict", errors.IdempotencyConflict),
        (409, "payment_in_progress", errors.PaymentInProgress),
        (409, "other", errors.ProtocolError),
        (408, "request_timeout", errors.TooSlow),
        (413, "x", errors.TooLarge),
        (422, "idempotency_conflict", errors.IdempotencyConflict),
        (422, "invalid_card", errors.ProtocolError),
        (429, "rate_limit_exceeded", errors.RateLimited),
        (500, "idempotency_conflict", errors.ServerFault),
        (503, "", errors.ServerFault),
    ],
)
def test_an_answer_becomes_the_error_its_code_or_status_names(status, code, cls):
    assert type(errors.from_wire(status, {"code": code}, {})) is cls


def test_a_server_error_and_the_client_error_made_from_it_say_the_same():
    raised = errors.UnsupportedVersion.named("2020-01-01", ["2026-01-30", "2026-04-17"])
    read = errors.from_wire(raised.status, raised.to_dict(), {"request-id": "r1", "retry-after": "7"})
    assert type(read) is errors.UnsupportedVersion
    assert read.to_dict() == raised.to_dict()
    assert read.supported_versions == ("2026-04-17", "2026-01-30")
    assert (read.request_id, read.retry_after) == ("r1", 7)


def test_members_of_the_wrong_type_are_read_as_absent():
    error = errors.from_wire(
        400, {"type": 5, "code": ["x"], "message": None, "param": {}, "supported_versions": "x"}, {}
    )
    assert (error.type, error.code, error.param, error.supported_versions) == ("invalid_request", "invalid", None, ())
    assert str(error) == "400 invalid: The server answered 400."


def test_an_error_reads_as_one_line_with_status_code_place_and_sentence():
    assert str(errors.InvalidRequest("Too short.", param="$.a")) == "400 invalid at $.a: Too short."


def test_the_versions_in_a_refusal_are_newest_first():
    refusal = errors.UnsupportedVersion.named(None, ["2025-09-29", "2026-04-17"])
    assert refusal.code == "missing_api_version"
    assert refusal.to_dict()["supported_versions"] == ["2026-04-17", "2025-09-29"]
