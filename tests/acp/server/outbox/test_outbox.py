"""Order events on their way: signed, at least once, in order for each order, and nobody waits for somebody else."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.responses import RedirectResponse, Response, StreamingResponse

from acp.server import LOOPBACK, Delivery, Deployment, Store, WebhookTarget, static_keys
from acp.server.background import repeating
from acp.server.outbox import Outbox
from acp.server.outbox import outbox as worker
from acp.server.store import EventState
from acp.signing import verify_webhook
from tests.acp.server.outbox.receivers import (
    Receiver,
    misbehaving,
    placed,
    receiving,
    say_nothing,
    take_at_length,
    take_then_trickle,
    trickle,
    until,
)
from tests.acp.server.shop import START, Clock
from tests.acp.server.test_webhooks import PATH, inbox

TERMS = Delivery(networks=LOOPBACK)


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "shop.db")
    yield store
    store.close()


@pytest.fixture
def clock():
    return Clock()


@asynccontextmanager
async def delivering(store, clock, targets, terms=TERMS, draw=1.0):
    """An outbox at work; `targets` is one target for everybody, or targets by owner."""
    by_owner = targets.get if isinstance(targets, dict) else lambda owner: targets
    deployment = Deployment(store, static_keys({}), clock=clock, webhooks=by_owner, delivery=terms, draw=lambda: draw)
    outbox = Outbox(deployment)
    async with repeating((0.0, outbox.deliver_next)):
        yield outbox
    await outbox.close()


def kept(store, id=1):
    return store.events.kept(after=id - 1, most=1)[0]


def pending(store):
    return store.events.kept(EventState.PENDING)


async def test_a_completed_purchase_arrives_signed_with_its_full_order(open_shop, tmp_path):
    clock = Clock()
    async with inbox(tmp_path, clock) as (host, _, url):
        target = WebhookTarget(url + PATH, "new")
        async with open_shop(clock=clock, webhooks=lambda owner: target if owner == "agent one" else None) as shopping:
            store = shopping.deployment.store
            session = await shopping.create()
            done = (await shopping.complete(session["id"], key="k")).json()
            await shopping.complete(session["id"], key="k")
            await until(lambda: host.events)
            await asyncio.sleep(0.3)
            (event,) = host.events
            assert event.type == "order_create"
            assert event.data.to_dict() == done["order"]
            assert event.data.status == "created"
            assert (kept(store).said, kept(store).attempts) == ("HTTP 200", 1)
            other = await shopping.create(token="key-2")
            assert (await shopping.complete(other["id"], token="key-2")).json()["status"] == "completed"
            await until(lambda: not pending(store))
            assert kept(store, 2).said == "nobody to send it to"
            assert len(host.events) == 1


async def test_an_event_is_sent_as_soon_as_it_is_written(open_shop, monkeypatch):
    monkeypatch.setattr(worker, "POLL_SECONDS", 60.0)
    async with receiving() as receiver, open_shop(webhooks=lambda owner: receiver.target()) as shopping:
        session = await shopping.create()
        await shopping.complete(session["id"])
        await until(lambda: receiver.bodies)


async def test_an_event_that_another_process_wrote_is_found(store, clock, tmp_path):
    other = Store(tmp_path / "shop.db")
    async with receiving() as receiver, delivering(store, clock, receiver.target()):
        await placed(other, "o1")
        await until(lambda: receiver.bodies == [b"o1/1"])
    other.close()


async def test_an_event_that_is_not_taken_is_sent_again_after_a_while_signed_anew(store, clock):
    await placed(store, "o1")
    async with receiving(Receiver([503, 400])) as receiver, delivering(store, clock, receiver.target()):
        await until(lambda: kept(store).attempts == 1)
        assert (kept(store).said, kept(store).tried_at) == ("HTTP 503", START)
        assert kept(store).next_at == START + timedelta(seconds=1)
        clock.advance(seconds=1)
        await until(lambda: kept(store).attempts == 2)
        assert kept(store).next_at == clock.now + timedelta(seconds=2)
        clock.advance(seconds=2)
        await until(lambda: kept(store).state is EventState.DELIVERED)
        assert receiver.bodies == [b"o1/1"] * 3
        signatures = [sent["merchant-signature"] for sent in receiver.headers]
        assert len(set(signatures)) == 3
        assert verify_webhook(b"o1/1", signatures[-1], ["new"], now=clock.now) == clock.now
        assert kept(store).attempts == 3


@pytest.mark.parametrize(
    ("attempts", "draw", "seconds"),
    [(0, 0.0, 0), (0, 0.5, 0.5), (3, 0.5, 4), (3, 0.999, 7.992), (11, 0.5, 1024), (12, 0.5, 1800), (9999, 0.5, 1800)],
)
def test_the_pause_is_drawn_below_a_bound_that_doubles_up_to_an_hour(attempts, draw, seconds):
    event = worker.Event(1, "a", "o", b"", attempts, START, START)
    assert worker.next_attempt(event, START, Delivery(), draw) == START + timedelta(seconds=seconds)


def test_the_last_attempt_is_made_when_the_time_is_over_and_none_after_that():
    event, end = worker.Event(1, "a", "o", b"", 99, START, START), START + timedelta(days=3)
    assert worker.next_attempt(event, end - timedelta(minutes=1), Delivery(), 0.9) == end
    assert worker.next_attempt(event, end, Delivery(), 0.9) is None
    assert worker.next_attempt(replace(event, first_at=None), end, Delivery(), 0.0) == end


@pytest.mark.parametrize(
    ("status", "retry_after", "seconds"),
    [
        (429, "30", 30),
        (503, "Fri, 01 May 2026 12:02:00 GMT", 120),
        (503, "Fri, 01 May 2020 12:02:00 GMT", 1),
        (503, "0", 1),
        (503, "soon", 1),
        (503, "Mon, 01 Jan 99999999999 00:00:00 GMT", 1),
        (429, "999999999", 86400),
        (500, "30", 1),
        (503, "Fri, 01 May 2026 12:02:00 -0000", 1),
    ],
)
async def test_a_receiver_that_asks_to_be_left_alone_is(store, clock, status, retry_after, seconds):
    await placed(store, "o1")
    answer = Response(status_code=status, headers={"Retry-After": retry_after})
    async with receiving(Receiver([answer])) as receiver, delivering(store, clock, receiver.target()):
        await until(lambda: kept(store).attempts == 1)
        assert kept(store).next_at == START + timedelta(seconds=seconds)
        assert kept(store).said == f"HTTP {status}"


async def test_an_answer_of_more_than_one_piece_is_read_to_its_end(store, clock):
    async def in_pieces(request):
        return StreamingResponse(piece async for piece in pieces())

    async def pieces():
        for _ in range(3):
            yield b"x" * 1000
            await asyncio.sleep(0)

    receiver = Receiver()
    receiver.receive = in_pieces
    await placed(store, "o1")
    async with receiving(receiver), delivering(store, clock, receiver.target()):
        await until(lambda: kept(store).said == "HTTP 200")


async def test_a_receiver_that_asks_to_be_left_alone_is_sent_no_other_event_either(store, clock):
    async with receiving(Receiver([Response(status_code=429, headers={"Retry-After": "60"})])) as receiver:
        targets = {"agent one": receiver.target(), "agent two": receiver.target()}
        async with delivering(store, clock, targets):
            await placed(store, "o1")
            await until(lambda: kept(store).attempts == 1)
            await placed(store, "o2")
            await placed(store, "o3", "agent two")
            await until(lambda: receiver.bodies == [b"o1/1", b"o3/1"])
            clock.advance(seconds=59)
            await asyncio.sleep(0.3)
            assert len(receiver.bodies) == 2
            clock.advance(seconds=1)
            await until(lambda: sorted(receiver.bodies[2:]) == [b"o1/1", b"o2/1"])


async def test_the_events_of_an_order_arrive_in_order_whatever_happens_between(store, clock):
    await placed(store, "o1", events=3)
    async with receiving(Receiver([500, 200, 500])) as receiver, delivering(store, clock, receiver.target()):
        await until(lambda: kept(store).attempts == 1)
        clock.advance(seconds=3600)
        await until(lambda: kept(store, 2).attempts == 1)
        clock.advance(seconds=3600)
        await until(lambda: not pending(store))
        assert receiver.bodies == [b"o1/1", b"o1/1", b"o1/2", b"o1/2", b"o1/3"]


async def test_orders_go_side_by_side_up_to_a_number_for_each_owner(store, clock):
    for n in range(12):
        await placed(store, f"o{n}", events=2)
    await placed(store, "other", "agent two")
    slow = Receiver(gate=asyncio.Event())
    async with receiving(slow), receiving() as quick:
        targets = {"agent one": slow.target(), "agent two": quick.target()}
        async with delivering(store, clock, targets):
            await until(lambda: slow.under_way == 8)
            await until(lambda: quick.bodies == [b"other/1"])
            await placed(store, "new", "agent two")
            await until(lambda: len(quick.bodies) == 2)
            assert (slow.under_way, slow.most_under_way) == (8, 8)
            slow.gate.set()
            await until(lambda: len(slow.bodies) == 24)
            for n in range(12):
                assert [body for body in slow.bodies if body.startswith(b"o%d/" % n)] == [b"o%d/1" % n, b"o%d/2" % n]


async def test_two_workers_on_one_file_do_not_send_the_same_event(store, clock, tmp_path):
    other = Store(tmp_path / "shop.db")
    async with receiving() as receiver:
        target = receiver.target()
        async with delivering(store, clock, target), delivering(other, clock, target):
            for n in range(30):
                await placed(store if n % 2 else other, f"o{n}", events=2)
            await until(lambda: not pending(store))
        assert len(receiver.bodies) == len(set(receiver.bodies)) == 60
        for n in range(30):
            assert [body for body in receiver.bodies if body.startswith(b"o%d/" % n)] == [b"o%d/1" % n, b"o%d/2" % n]
    other.close()


async def test_an_event_whose_deliverer_died_is_sent_by_another_when_it_is_held_no_longer(store, clock):
    await placed(store, "o1")
    held = await store.events.take({"agent one": 1}, clock.now, clock.now + timedelta(seconds=20))
    assert [event.body for event in held] == [b"o1/1"]
    async with receiving() as receiver, delivering(store, clock, receiver.target()):
        clock.advance(seconds=19)
        await asyncio.sleep(0.3)
        assert receiver.bodies == []
        clock.advance(seconds=1)
        await until(lambda: receiver.bodies)
        await until(lambda: kept(store).state is EventState.DELIVERED)
        await store.events.failed(held[0], clock.now, "too late", clock.now)
        assert (kept(store).state, kept(store).said) == (EventState.DELIVERED, "HTTP 200")


async def test_an_event_under_way_at_the_end_is_sent_at_once_by_the_next_who_opens(store, clock):
    await placed(store, "o1")
    async with receiving(Receiver(gate=asyncio.Event())) as receiver:
        async with delivering(store, clock, receiver.target()):
            await until(lambda: receiver.under_way)
        assert kept(store).state is EventState.PENDING
        receiver.gate.set()
        async with delivering(store, clock, receiver.target()):
            await until(lambda: len(receiver.bodies) == 2)
            await until(lambda: not pending(store))


async def test_an_event_that_is_not_taken_for_days_is_a_dead_letter_and_can_be_sent_again(store, clock, caplog):
    await placed(store, "o1", events=2)
    async with receiving(Receiver([500] * 3)) as receiver, delivering(store, clock, receiver.target()):
        await until(lambda: kept(store).attempts == 1)
        clock.advance(hours=71)
        await until(lambda: kept(store).attempts == 2)
        assert kept(store).state is EventState.PENDING
        clock.advance(hours=1)
        await until(lambda: kept(store).state is EventState.DEAD)
        assert "dead letter after HTTP 500" in caplog.text
        assert [event.id for event in store.events.kept(EventState.DEAD)] == [1]
        assert (kept(store, 2).state, kept(store, 2).waits_for) == (EventState.PENDING, 1)
        assert store.events.owners_due(clock.now + timedelta(days=365)) == []
        assert receiver.bodies == [b"o1/1"] * 3
        assert await store.events.redeliver(clock.now, [1, 2, 77]) == [1]
        await until(lambda: not pending(store))
        assert receiver.bodies[3:] == [b"o1/1", b"o1/2"]
        assert (kept(store).attempts, kept(store).said) == (1, "HTTP 200")


async def test_a_receiver_that_is_gone_makes_a_dead_letter_at_once(store, clock):
    await placed(store, "o1")
    await placed(store, "o2")
    gone = Response(status_code=410, headers={"Retry-After": "5"})
    async with receiving(Receiver([gone, 410])) as receiver, delivering(store, clock, receiver.target()):
        await until(lambda: len(store.events.kept(EventState.DEAD)) == 2)
        assert kept(store).said == "HTTP 410"
        assert await store.events.redeliver(clock.now) == [1, 2]
        await until(lambda: [event.state for event in store.events.kept()] == [EventState.DELIVERED] * 2)


async def test_a_receiver_that_does_not_know_the_new_secret_yet_is_sent_the_previous_one(store, clock):
    known, refused = ["old"], []

    async def verify(request):
        body = await request.body()
        try:
            verify_webhook(body, request.headers["merchant-signature"], known, now=clock.now)
        except Exception as wrong:
            refused.append(wrong.reason)
            return Response(status_code=401)
        return Response(status_code=200)

    receiver = Receiver()
    receiver.receive = verify
    async with receiving(receiver):
        target = receiver.target(previous_secret="old")
        async with delivering(store, clock, target):
            await placed(store, "o1")
            await until(lambda: not pending(store))
            assert (refused, kept(store).attempts) == (["wrong"], 1)
            known.append("new")
            await placed(store, "o2")
            await until(lambda: not pending(store))
            assert refused == ["wrong"]
            known[:] = ["another"]
            await placed(store, "o3")
            await until(lambda: kept(store, 3).said == "HTTP 401")
            assert refused == ["wrong"] * 3
    assert "old" not in repr(target)
    assert "new" not in repr(target)


async def test_a_redirect_is_not_followed(store, clock):
    async with receiving() as elsewhere:
        for status in (301, 302, 307, 308):
            await placed(store, f"o{status}")
        away = [RedirectResponse(elsewhere.url, status) for status in (301, 302, 307, 308)]
        async with receiving(Receiver(away)) as receiver, delivering(store, clock, receiver.target()):
            await until(lambda: all(event.said for event in store.events.kept()))
            assert {event.said[8:] for event in store.events.kept()} == {", redirects are not followed"}
            assert elsewhere.bodies == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://[::1", "the address is not a URL"),
        ("no address", "the address names no host"),
        ("ftp://127.0.0.1/", "the address does not begin with https://"),
        ("http://me:password@127.0.0.1/", "the address holds a user name or password; events are signed instead"),
        ("https://192.168.0.7/", "192.168.0.7 is at 192.168.0.7, which is no public address"),
        ("http://93.184.215.14/", "93.184.215.14 is at 93.184.215.14, which may only be called over https"),
    ],
)
async def test_a_target_that_is_refused_says_so_in_the_log_and_on_the_event(store, clock, caplog, url, said):
    await placed(store, "o1")
    async with delivering(store, clock, WebhookTarget(url, "secret")):
        await until(lambda: kept(store).attempts == 1)
    assert kept(store).said == f"not sent: {said}"
    assert said in caplog.text
    assert "password@" not in caplog.text


async def test_this_machine_may_only_be_called_where_the_deployment_says_so(store, clock):
    await placed(store, "o1")
    async with receiving() as receiver:
        async with delivering(store, clock, receiver.target(), Delivery()):
            await until(lambda: kept(store).attempts == 1)
            assert receiver.bodies == []
        clock.advance(seconds=1)
        async with delivering(store, clock, receiver.target()):
            await until(lambda: receiver.bodies)


async def test_a_receiver_that_cannot_be_reached_loses_nothing(store, clock, unused_tcp_port):
    await placed(store, "o1")
    async with delivering(store, clock, WebhookTarget(f"http://127.0.0.1:{unused_tcp_port}/", "secret")):
        await until(lambda: kept(store).attempts == 1)
        assert kept(store).said == "no answer: ConnectError"
        clock.advance(seconds=1)
        await until(lambda: kept(store).attempts == 2)


async def test_a_receiver_that_trickles_its_answer_is_given_up(store, clock):
    await placed(store, "o1")
    async with misbehaving(trickle) as url:
        terms = replace(TERMS, timeout=timedelta(seconds=0.2))
        async with delivering(store, clock, WebhookTarget(url, "secret"), terms):
            await until(lambda: kept(store).said == "no answer in time")


@pytest.mark.parametrize("behave", [take_then_trickle, take_at_length])
async def test_an_answer_that_says_taken_and_does_not_end_is_taken(store, clock, monkeypatch, behave):
    monkeypatch.setattr("acp.server.outbox.attempt._UNREAD_SECONDS", 0.1)
    await placed(store, "o1")
    async with misbehaving(behave) as url, delivering(store, clock, WebhookTarget(url, "secret")):
        await until(lambda: kept(store).said == "HTTP 200")


async def test_a_name_that_is_looked_up_for_long_holds_up_nobody_else(store, clock, monkeypatch):
    looked_up, answered = [], asyncio.Event()
    loop, real = asyncio.get_running_loop(), socket.getaddrinfo

    def look_up(host, *more, **kinds):
        if host != "slow.example":
            return real(host, *more, **kinds)
        looked_up.append(host)
        asyncio.run_coroutine_threadsafe(answered.wait(), loop).result(10)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    for n in range(20):
        await placed(store, f"o{n}")
    await placed(store, "quick", "agent two")
    async with receiving() as receiver:
        targets = {"agent one": WebhookTarget("https://slow.example/", "s"), "agent two": receiver.target()}
        targets["agent two"] = replace(targets["agent two"], url=receiver.url.replace("127.0.0.1", "localhost"))
        async with delivering(store, clock, targets):
            await until(lambda: receiver.bodies == [b"quick/1"])
            assert looked_up == ["slow.example"]
            answered.set()
            await until(lambda: kept(store).said == "no answer: ConnectError")


async def test_one_receiver_that_is_silent_or_misnamed_holds_up_nobody_else(open_shop, tmp_path):
    clock = Clock()
    async with inbox(tmp_path, clock) as (host, _, url), misbehaving(say_nothing) as silent:
        targets = iter(["http://[::1", "no address", silent])

        def webhooks(owner):
            if owner == "agent two":
                return WebhookTarget(next(targets, silent), "new")
            return WebhookTarget(url + PATH, "new")

        async with open_shop(clock=clock, webhooks=webhooks) as shopping:
            for token in ("key-2", "key-2", "key-2", "key-1"):
                session = await shopping.create(token=token)
                assert (await shopping.complete(session["id"], token=token)).json()["status"] == "completed"
            await until(lambda: host.events)


async def test_a_look_up_of_receivers_that_fails_is_logged_and_tried_again(open_shop, caplog):
    def webhooks(owner):
        raise RuntimeError("no settings today")

    async with open_shop(webhooks=webhooks) as shopping:
        session = await shopping.create()
        await shopping.complete(session["id"])
        await until(lambda: kept(shopping.deployment.store).attempts == 1)
        assert kept(shopping.deployment.store).said == "not sent: the server failed, see its log"
    assert "no settings today" in caplog.text


async def test_what_could_not_be_noted_is_sent_again_and_stops_nothing(store, clock, caplog):
    await placed(store, "o1")
    real, failures = store.events.delivered, [RuntimeError("the note was lost")]

    async def delivered(*told):
        if failures:
            raise failures.pop()
        await real(*told)

    store.events.delivered = delivered
    async with receiving() as receiver, delivering(store, clock, receiver.target()):
        await until(lambda: receiver.bodies and not failures)
        clock.advance(seconds=20)
        await until(lambda: kept(store).state is EventState.DELIVERED)
        assert receiver.bodies == [b"o1/1"] * 2
    assert "the note was lost" in caplog.text
