"""Random walks through the lifecycle table: two agents, replays, conflicts, slow payments, time passing."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from acp import lifecycle, server
from acp.lifecycle import AFTER, FINAL, OPEN, TABLE, Operation, Status, Step
from acp.server import Authorized, Declined, Deployment, NeedsAuthentication, Pending, Store, static_keys
from acp.server.store.retention import SHORTEST_KEYS
from tests.acp.server.conftest import AUTHENTICATED, CREATE, PAYMENT, READY
from tests.acp.server.shop import LATER, METADATA, Clock, ScriptedShop, hold

RUNS, STEPS = 500, 30
SUCCEEDS = {Step.SHOW: 200, Step.PRICE: 200, Step.PAY: 200, Step.STAY: 200, Step.CANCEL: 200}
REFUSED = {
    Step.ASK_3DS: (400, "requires_3ds"),
    Step.BUSY: (409, "payment_in_progress"),
    Step.FINISHED: (405, "session_finished"),
}

agents = st.sampled_from(["key-1", "key-2"])
holds = st.sampled_from(
    [None, None, *(hold(s) for s in sorted(OPEN) if s not in (Status.READY_FOR_PAYMENT, Status.NOT_READY_FOR_PAYMENT))]
)
outcomes = st.sampled_from(["authorized", "authorized", "declined", "3ds", *["pending"] * 4])
wishes = st.sampled_from([READY, READY, READY, CREATE, {**READY, "line_items": [{"id": "mug", "quantity": 101}]}])
changes = st.sampled_from(
    [
        {},
        {"line_items": [{"id": "lamp"}]},
        {"fulfillment_details": None},
        {"fulfillment_details": READY["fulfillment_details"]},
    ]
)
picks = st.integers(0, 10**6)

visited: Counter[tuple[Status, Operation]] = Counter()
lengths: list[int] = []


class World:
    """One running server for all walks, with fresh sessions in each."""

    def __init__(self, folder: Path) -> None:
        self.shop, self.clock, self.numbers = ScriptedShop(), Clock(), count()
        self.store = Store(folder / "walk.db")
        keys = static_keys({"key-1": "agent one", "key-2": "agent two"})
        self.deployment = Deployment(self.store, keys, clock=self.clock)
        self.role = server.merchant(self.shop, self.deployment)
        self.runner = asyncio.Runner()
        transport = httpx.ASGITransport(server.create_app(self.role), raise_app_exceptions=True)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://shop.example")

    def send(self, method, path, agent, body=None, key=None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {agent}", "API-Version": "2026-04-17"}
        if method == "POST":
            headers["Idempotency-Key"] = key or f"key {next(self.numbers)}"
        return self.runner.run(self.http.request(method, path, json=body, headers=headers))

    def close(self) -> None:
        self.runner.run(self.http.aclose())
        self.runner.close()
        self.store.close()


class Walk(RuleBasedStateMachine):
    world: World

    def __init__(self) -> None:
        super().__init__()
        self.owners: dict[str, str] = {}
        self.steps = 0
        self.calls: list[tuple[datetime, tuple[str, str, object, str, httpx.Response]]] = []
        self.world.shop.stock = {"mug": 100, "lamp": 100}
        self.world.shop.hold = None
        self.world.shop.outcomes = []

    # What an agent does

    @rule(agent=agents, wish=wishes, hold=holds)
    def create(self, agent, wish, hold):
        self.world.shop.hold = hold
        answer = self.post(agent, "/checkout_sessions", wish)
        assert answer.status_code == 201
        assert Status(answer.json()["status"]) in OPEN
        self.owners[answer.json()["id"]] = agent

    @precondition(lambda self: self.owners)
    @rule(pick=picks)
    def retrieve(self, pick):
        self.operate(self.picked(pick), Operation.RETRIEVE)

    @precondition(lambda self: self.owners)
    @rule(pick=picks, change=changes, hold=holds)
    def update(self, pick, change, hold):
        self.world.shop.hold = hold
        self.operate(self.picked(pick), Operation.UPDATE, change)

    @precondition(lambda self: self.owners)
    @rule(pick=picks, outcome=outcomes, authenticated=st.booleans())
    def complete(self, pick, outcome, authenticated):
        id = self.picked(pick)
        if Status(self.document(id)["status"]) is not Status.COMPLETE_IN_PROGRESS:
            self.world.shop.hold = None
        self.script(outcome)
        body = {"payment_data": PAYMENT} | ({"authentication_result": AUTHENTICATED} if authenticated else {})
        self.operate(id, Operation.COMPLETE_AUTHENTICATED if authenticated else Operation.COMPLETE, body)

    @precondition(lambda self: self.with_status(Status.READY_FOR_PAYMENT))
    @rule(pick=picks, outcome=outcomes)
    def pay(self, pick, outcome):
        self.world.shop.hold = None
        self.script(outcome)
        ready = self.with_status(Status.READY_FOR_PAYMENT)
        self.operate(ready[pick % len(ready)], Operation.COMPLETE, {"payment_data": PAYMENT})

    @precondition(lambda self: self.owners)
    @rule(pick=picks, operation=st.sampled_from(list(Operation)), outcome=outcomes)
    def touch_a_session_of_any_status(self, pick, operation, outcome):
        """Every status that is present is as likely as any other, however many sessions have it."""
        present = sorted({self.document(id)["status"] for id in self.owners})
        alike = self.with_status(present[pick % len(present)])
        self.world.shop.hold = None
        self.script(outcome)
        bodies = {
            Operation.UPDATE: {},
            Operation.COMPLETE: {"payment_data": PAYMENT},
            Operation.COMPLETE_AUTHENTICATED: {"payment_data": PAYMENT, "authentication_result": AUTHENTICATED},
        }
        self.operate(alike[pick % len(alike)], operation, bodies.get(operation))

    @precondition(lambda self: self.with_status(Status.COMPLETE_IN_PROGRESS))
    @rule(pick=picks, outcome=outcomes, authenticated=st.booleans())
    def ask_again_while_a_payment_runs(self, pick, outcome, authenticated):
        self.script(outcome)
        paying = self.with_status(Status.COMPLETE_IN_PROGRESS)
        body = {"payment_data": PAYMENT} | ({"authentication_result": AUTHENTICATED} if authenticated else {})
        operation = Operation.COMPLETE_AUTHENTICATED if authenticated else Operation.COMPLETE
        self.operate(paying[pick % len(paying)], operation, body)

    @precondition(lambda self: self.owners)
    @rule(pick=picks)
    def cancel(self, pick):
        self.operate(self.picked(pick), Operation.CANCEL)

    # What goes wrong

    @precondition(lambda self: self.remembered(0))
    @rule(pick=picks)
    def replay(self, pick):
        agent, path, body, key, first = self.remembered(pick)
        answer = self.world.send("POST", path, agent, body, key)
        assert (answer.status_code, answer.content) == (first.status_code, first.content)
        assert answer.headers["idempotent-replayed"] == "true"

    @precondition(lambda self: self.remembered(0))
    @rule(pick=picks)
    def conflict(self, pick):
        agent, path, body, key, _ = self.remembered(pick)
        other = {**(body or {}), "order_notes" if not path.endswith("cancel") else "intent_trace": "x"}
        if path.endswith("cancel"):
            other["intent_trace"] = {"reason_code": "other"}
        answer = self.world.send("POST", path, agent, other, key)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_conflict")

    @precondition(lambda self: self.owners)
    @rule(pick=picks)
    def strangers_find_nothing(self, pick):
        id = self.picked(pick)
        stranger = "key-2" if self.owners[id] == "key-1" else "key-1"
        assert self.world.send("GET", f"/checkout_sessions/{id}", stranger).status_code == 404
        assert self.world.send("POST", f"/checkout_sessions/{id}/cancel", stranger, {}).status_code == 404

    # What happens meanwhile

    @rule(hours=st.sampled_from([0.1, 0.1, 0.1, 0.1, 6.0]))
    def time_passes(self, hours):
        self.world.clock.advance(hours=hours)

    @rule(outcome=st.sampled_from(["authorized", "declined", *["pending"] * 6]))
    def the_psp_decides(self, outcome):
        self.script(outcome)
        self.world.runner.run(self.world.role.completion.settle_due(LATER))

    # How a step is judged

    def operate(self, id, operation, body=None):
        before = self.document(id)
        status = Status(before["status"])
        step = lifecycle.step(status, operation)
        visited[status, operation] += 1
        answer = self.send(id, operation, body)
        after = self.document(id)
        if step in REFUSED:
            assert (answer.status_code, answer.json()["code"]) == REFUSED[step]
            assert after == before
        else:
            assert answer.status_code == SUCCEEDS[step], answer.text
            assert Status(after["status"]) in self.allowed(step, status)
            assert answer.json()["status"] == after["status"]
        if status in FINAL:
            assert after == before

    def allowed(self, step, status):
        if step is Step.STAY and status is Status.COMPLETE_IN_PROGRESS:  # the PSP is asked again, and may have decided
            return AFTER[Step.PAY] | {Status.EXPIRED}  # a payment may end after the session's time
        return AFTER.get(step, {status})

    def send(self, id, operation, body):
        path = f"/checkout_sessions/{id}"
        if operation is Operation.RETRIEVE:
            return self.world.send("GET", path, self.owners[id])
        suffix = {Operation.UPDATE: "", Operation.CANCEL: "/cancel"}.get(operation, "/complete")
        return self.post(self.owners[id], path + suffix, body)

    def post(self, agent, path, body):
        key = f"key {next(self.world.numbers)}"
        answer = self.world.send("POST", path, agent, body, key)
        if answer.status_code != 409:  # a refusal that will pass is not kept
            self.calls.append((self.world.clock.now, (agent, path, body, key, answer)))
        return answer

    def remembered(self, pick):
        """One of the calls whose key the server still has to know (24 hours)."""
        young = [call for at, call in self.calls if self.world.clock.now - at < SHORTEST_KEYS]
        return young[pick % len(young)] if young else None

    def script(self, outcome):
        made = {
            "authorized": Authorized("pay"),
            "declined": Declined(),
            "3ds": NeedsAuthentication(METADATA),
            "pending": Pending(timedelta(hours=100)),
        }
        self.world.shop.outcomes = [made[outcome]]

    def picked(self, pick):
        return list(self.owners)[pick % len(self.owners)]

    def with_status(self, status):
        return [id for id in self.owners if self.document(id)["status"] == status]

    def document(self, id):
        return self.world.send("GET", f"/checkout_sessions/{id}", self.owners[id]).json()

    @invariant()
    def count_the_step(self):
        self.steps += 1

    def teardown(self):
        lengths.append(self.steps - 1)  # the invariant is first checked before any step
        self.world.shop.outcomes = [Declined()] * len(self.owners)  # nothing is left over for the next walk
        self.world.runner.run(self.world.role.completion.settle_due(LATER))
        for id in self.owners:
            charged = [
                k for k, made in self.world.shop.charges.items() if k.startswith(id) and isinstance(made, Authorized)
            ]
            ordered = [o for o in self.world.shop.orders.values() if o.checkout_session_id == id]
            completed = self.document(id)["status"] == Status.COMPLETED
            assert (len(charged), len(ordered)) == (completed, completed)


@pytest.mark.apart
def test_random_walks_obey_the_lifecycle_table_and_visit_all_of_it(record_property):
    with TemporaryDirectory() as folder:
        Walk.world = World(Path(folder))
        try:
            walk(derandomize=True)
            for _ in range(3):  # what a walk meets depends on which payment is settled first; some go on longer
                if set(TABLE) - set(visited):
                    walk(derandomize=False)
        finally:
            Walk.world.close()
    record_property("printed", f"{len(lengths)} walks, {sum(lengths)} steps\n{table_of_visits()}")
    assert sum(length >= STEPS for length in lengths) >= RUNS
    missing = set(TABLE) - set(visited)
    assert not missing, f"cells never visited: {missing}"


def walk(*, derandomize: bool) -> None:
    run_state_machine_as_test(
        Walk,
        _min_steps=STEPS,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=derandomize,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


def table_of_visits() -> str:
    rows = [f"{'visits':24}" + "".join(f"{operation.name.lower():>24}" for operation in Operation)]
    rows += [f"{status:24}" + "".join(f"{visited[status, op]:>24}" for op in Operation) for status in Status]
    return "\n".join(rows)
