#!/usr/bin/env python3
"""Switch off one behaviour of the server at a time and see that a test over a socket notices.

usage: disable.py [NAME ...]

Each row of BEHAVIOURS names a behaviour, the lines that make it, what stands there when it is off, and where its tests
are. The change is made in a copy. Prints the behaviour beside the first test that fails without it; exit 1 if for any
behaviour no test fails, or if the lines are no longer there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = ("acp", "schemas", "merchant_mock", "tests", "docs", "pyproject.toml")


@dataclass(frozen=True)
class Behaviour:
    """A behaviour, the `old` lines that make it in `file`, the `new` ones without it, and its tests."""

    name: str
    file: str
    old: str
    new: str
    tests: str


def _of(file: str, tests: str, *rows: tuple[str, str, str]) -> list[Behaviour]:
    return [Behaviour(name, f"acp/{file}", old, new, f"tests/acp/server/{tests}") for name, old, new in rows]


def _mock(file: str, tests: str, *rows: tuple[str, str, str]) -> list[Behaviour]:
    return [
        Behaviour(f"mock: {name}", f"merchant_mock/{file}", old, new, f"tests/merchant_mock/{tests}")
        for name, old, new in rows
    ]


BEHAVIOURS = [
    *_of(
        "server/pipeline.py",
        "test_requests.py",
        ("bearer token required", "if token is None:", "if False:"),
        ("unknown key refused", "        if found is None:", "        found = found or 'anybody'\n        if False:"),
        (
            "keys looked up through a callable, also an async one",
            "found = await within(self._seconds, found, slow_backend)",
            "return found",
        ),
        ("version negotiation", "if version not in self._deployment.versions:", "if False:"),
        ("header limit", "> limits.headers:", "> 10**9:"),
        ("content type", "not headers.is_json(", "not str("),
        ("schema errors with a path", "if not validator.is_valid(body):", "if False:"),
        ("the path in param", "code=first.code, param=first.path", "code=first.code"),
        ("Request-Id echoed", "sent.append((wire(headers.REQUEST_ID)", "str((wire(headers.REQUEST_ID)"),
        ("Idempotency-Key echoed", "sent.append((wire(headers.IDEMPOTENCY_KEY)", "str((wire(headers.IDEMPOTENCY_KEY)"),
        ("a failing backend is a flat 500", "except Exception:", "except ZeroDivisionError:"),
        ("strict turns the overlay off", "overlay=not self._deployment.strict", "overlay=True"),
    ),
    *_of(
        "server/pipeline.py",
        "test_signatures.py",
        ("request signatures verified", "signing.verify_request(", "(lambda *a, **k: None)("),
        (
            "a signature is required once a key is known",
            "if not keys:",
            "if not keys or headers.SIGNATURE not in sent:",
        ),
        (
            "a request without a body is not signed",
            "if call.owner and call.body is not None else ()",
            "if call.owner else ()",
        ),
    ),
    *_of(
        "server/pipeline.py",
        "test_rates.py",
        ("requests counted", "        if rates is None:", "        if True:"),
        ("strangers counted by address", 'rates.count("", address, resource)', "pass"),
        ("customers counted by owner", "rates.count(owner, address, resource)", 'rates.count("", address, resource)'),
    ),
    *_of(
        "server/rates.py",
        "test_rates.py",
        ("a bound on the callers remembered", "if len(self._full_at) > self._most:", "if False:"),
        ("a refused request takes no token", "full_at + self._pause if taken else full_at", "full_at + self._pause"),
        ("Retry-After of a rate limit", "retry_after=seconds,", "retry_after=None,"),
        ("an IPv6 network is one caller", "IPv6Network((found, 64), strict=False)", "found"),
        ("IPv4 callers of an IPv6 socket told apart", "mapped = found.ipv4_mapped", "mapped = None"),
        ("an address that is none counted as it is", "except ValueError:", "except ZeroDivisionError:"),
    ),
    *_of(
        "server/rates.py",
        "test_delegate_payment.py",
        ("the type of a rate limit by resource", "type=TYPES.get(resource),", ""),
    ),
    *_of(
        "server/pipeline.py",
        "test_timeouts.py",
        (
            "a time limit for bodies",
            "await within(limits.body_seconds, request.body(limits.body), late)",
            "await request.body(limits.body)",
        ),
        ("a slow body's connection closed", 'SLOW_BODIES.get(request.scope["http_version"], slow_body)', "slow_body"),
        (
            "a time limit for the backend",
            "await within(self._seconds, self._operation(call), slow_backend)",
            "await self._operation(call)",
        ),
        (
            "a payment has the time of its lease",
            "self._operation(call) if self.endpoint.leased else self._in_time(call)",
            "self._in_time(call)",
        ),
        ("a time limit for the look-up of keys", "await within(self._seconds, found, slow_backend)", "await found"),
    ),
    *_of(
        "server/completion.py",
        "test_timeouts.py",
        (
            "a time limit for pricing before a payment",
            "await within(self._deployment.limits.operation_seconds, pricing, slow_backend)",
            "await pricing",
        ),
    ),
    *_of(
        "server/timeouts.py",
        "test_timeouts.py",
        ("Retry-After of a backend that hangs", "retry_after=RETRY_AFTER_SECONDS", "retry_after=None"),
        ("a TimeoutError of the backend's own", "if not bound.expired():", "if False:"),
    ),
    *_of(
        "server/routes.py",
        "test_observing.py",
        ("observers told", "if watchers else pipeline", "if False else pipeline"),
    ),
    *_of(
        "server/observing.py",
        "test_observing.py",
        ("an observer that fails hinders nothing", "        except Exception:", "        except ZeroDivisionError:"),
        ("a made Request-Id where the sent one cannot be logged", "_SANE_ID.fullmatch(sent)", "True"),
        ("the session a create made", 'asked.session_id = said.get("id")', "pass"),
        ("a request without an answer told", '{"status": UNANSWERED,', '{"status": 200,'),
    ),
    *_of(
        "server/pipeline.py",
        "test_observing.py",
        ("observers told whose request it is", "tell_owner(owner)", "pass"),
    ),
    *_of(
        "server/settling.py",
        "test_observing.py",
        (
            "payments told",
            "tell(self._deployment.observers, lambda observer: observer.paid",
            "(lambda *a: None)(None, lambda observer: observer.paid",
        ),
    ),
    *_of(
        "server/completion.py",
        "test_observing.py",
        ("failed payments told", 'observer.paid("failed")', "None"),
    ),
    *_of(
        "server/logs.py",
        "test_logs.py",
        ("secrets masked in JSON lines", "json.dumps(redact(line), default=_text)", "json.dumps(line, default=_text)"),
        ("a message that cannot be formatted masked", "    except Exception:", "    except ZeroDivisionError:"),
        ("the request of a backend's line", "asked = current.get()", "asked = None"),
    ),
    *_of(
        "server/outbox/outbox.py",
        "outbox/test_put_off.py",
        ("what another has taken is waited for", "async with self._taking:", "if True:"),
    ),
    *_of(
        "server/outbox/outbox.py",
        "test_observing.py",
        ("deliveries told", "observer.delivered(verdict.taken)", "None"),
    ),
    *_of(
        "server/metrics.py",
        "test_metrics.py",
        ("requests under way are counted", ".inc()\n\n    def answered", "\n\n    def answered"),
        (
            "requests answered are counted",
            "self._requests.labels(*where, answered.status, self._code(answered.code)).inc()",
            "pass",
        ),
        ("a bound on the codes told apart", 'return code if code in self._codes else "other"', "return code"),
        ("metrics without a store that can be read", "        except Exception:", "        except ZeroDivisionError:"),
    ),
    *_of(
        "server/store/store.py",
        "test_metrics.py",
        ("the outbox that waits is shown", "return Backlog(pending,", "return Backlog(0,"),
    ),
    *_of(
        "server/health.py",
        "test_health.py",
        ("an unready server answers 503", "200 if ready else 503", "200"),
        ("readiness asks the store", "await self._store.probe()", "pass"),
        ("a bound on the store's probe", "asyncio.timeout(self._seconds)", "asyncio.timeout(5)"),
        (
            "one probe for all who ask",
            "if self._probe is None or (self._probe.done() and self._clock() >= self._fresh_until):",
            "if True:",
        ),
        ("readiness asks the work", "OK if self._alive() else", "OK if True else"),
        ("a drain ends readiness", '"draining" if self._drain.begun else OK', "OK"),
    ),
    *_of(
        "server/background.py",
        "test_health.py",
        ("stuck work noticed", "min(self._next_by.values()) > self._clock()", "True"),
        ("ended work noticed", "self._next_by.clear()", "pass"),
    ),
    *_of(
        "server/roles.py",
        "test_health.py",
        ("the end of the lifespan drains", "        ending.begin()", "        pass"),
        ("a merchant's work is asked", "alive=pulse.alive,", ""),
        ("a failed start leaves no work behind", "            await outbox.close()", "            pass"),
    ),
    *_of(
        "server/store/store.py",
        "test_health.py",
        ("a probe commits", 'db.execute(f"PRAGMA user_version = {version}")', "pass"),
    ),
    *_of(
        "signing.py",
        "test_signatures.py",
        ("the window of a request signature", "if abs(now - sent) > window:", "if False:"),
        ("several keys while one is replaced", "for key in keys):", "for key in [*keys][:1]):"),
    ),
    *_of(
        "server/pipeline.py",
        "test_idempotency.py",
        ("key required", "if not key and presence is Presence.REQUIRED:", "if False:"),
        ("key of at most 255 characters", "if key and len(key) > headers.MAX_KEY_LENGTH:", "if False:"),
        ("conflict", "if fingerprint != claim.fingerprint:", "if False:"),
        ("in flight", "self._given(self._in_flight.get(slot), None, claim)", "None"),
        (
            "a used key answers although the backend is down",
            "isinstance(failure, Taken) or not",
            "isinstance(failure, Taken) and not",
        ),
        ("Retry-After while in flight", "retry_after=RETRY_AFTER_SECONDS", "retry_after=None"),
        ("Idempotent-Replayed", "if replayed:", "if False:"),
        ("keys scoped to the path", "Claim(call.owner, request.path,", 'Claim(call.owner, "/",'),
        (
            "no 5xx stored",
            "passing = refusal.status >= 500 or refusal.retry_after is not None",
            "passing = refusal.retry_after is not None",
        ),
        ("refusals of the business stored", "await self._deployment.store.remember(call.claim, answer)", "pass"),
        (
            "refusals decided by headers not stored",
            "            answer, replayed = _refusal(refusal), False\n        except errors.BackendMistake",
            "            answer, replayed = _refusal(refusal), False\n            if key := request.header('Idempotency-Key'):\n                body = canonical.fingerprint(canonical.parse(await request.body(10**6)))\n                claim = Claim('agent one', request.path, key, body, self._deployment.clock())\n                await self._deployment.store.remember(claim, answer)\n        except errors.BackendMistake",
        ),
    ),
    *_of("server/incoming.py", "test_requests.py", ("body limit", "if len(body) > limit:", "if False:")),
    *_of(
        "server/store/store.py",
        "test_idempotency.py",
        (
            "replay",
            "        if not rows:\n            return None\n        fingerprint",
            "        if True:\n            return None\n        fingerprint",
        ),
        (
            "keys scoped to the owner",
            "WHERE owner = ? AND path = ? AND key = ? AND claimed_at",
            "WHERE (1 OR owner = ?) AND path = ? AND key = ? AND claimed_at",
        ),
        ("keys forgotten after 24 hours", "claim.at.timestamp() - self._retention,", "0.0,"),
    ),
    *_of(
        "server/store/retention.py",
        "store/test_retention.py",
        ("keys purged", "WHERE claimed_at <= ? LIMIT ?)", "WHERE claimed_at <= ? - 1e12 LIMIT ?)"),
        ("keys remembered for 24 hours at least", "shortest = SHORTEST_KEYS if", "shortest = timedelta(0) if"),
        ("sessions purged", "(retention.sessions, _sessions),", ""),
        ("a payment under way is not purged", " AND status <> 'complete_in_progress'", ""),
        (
            "an order with an undelivered event is not purged",
            "AND NOT EXISTS (SELECT 1 FROM events WHERE order_id = orders.id) LIMIT",
            "AND NOT EXISTS (SELECT 1 FROM events WHERE order_id = orders.id AND delivered_at < 0) LIMIT",
        ),
        ("delivered events purged", "(retention.events, _events),", ""),
        ("tokens purged", "(retention.tokens, _tokens),", ""),
        ("purged by an index", "FROM events WHERE delivered_at <= ?", "FROM events WHERE delivered_at + 0 <= ?"),
    ),
    *_of(
        "server/store/store.py",
        "store/test_retention.py",
        ("purged in small steps", "partial(step, most=most)", "partial(step, most=10**6)"),
    ),
    *_of(
        "server/store/schema.py",
        "store/test_migrations.py",
        ("a migration is one transaction", 'connection.execute("BEGIN IMMEDIATE")', "pass"),
        ("older files migrated", 'f"migrations/{version}.sql"', '"schema.sql"'),
    ),
    *_of(
        "server/store/schema.py",
        "store/test_store.py",
        ("a newer file refused", "if not 1 <= version <= VERSION:", "if not 1 <= version:"),
        ("another program's file refused", 'if _pragma(connection, "application_id") != APPLICATION_ID:', "if False:"),
    ),
    *_of(
        "server/store/trouble.py",
        "store/test_trouble.py",
        ("a locked file is a 503", "    sqlite3.SQLITE_BUSY: _LOCKED,\n", ""),
        ("Retry-After while the store is in trouble", ", retry_after=trouble.wait)", ")"),
        ("a deleted or replaced file is not written to", "if _identity(self._path) != self._identity:", "if False:"),
        ("the end of a trouble is told", 'log.warning("The database %s can be used again.", self._path)', "pass"),
    ),
    *_of(
        "server/background.py",
        "store/test_trouble.py",
        ("no traceback for a store in trouble", "except StoreUnavailable:", "except ZeroDivisionError:"),
    ),
    *_of(
        "server/store/backup.py",
        "store/test_backup.py",
        ("a copy is of one moment", 'reading.execute("BEGIN")', "pass"),
        ("a copy is its owner's alone", "0o600", "0o644"),
        ("a copy replaces nothing", "if target.exists() or target.is_symlink():", "if False:"),
        ("a copy is checked", 'if found != ["ok"]:', "if False:"),
        ("a copy broken off leaves nothing", "draft.unlink(missing_ok=True)", "pass"),
    ),
    *_of(
        "canonical.py",
        "test_requests.py",
        ("malformed JSON", 'code="malformed_json"', 'code="odd"'),
        ("duplicate members", "if len(members) != len(pairs):", "if False:"),
        ("integers past 2^53", "if len(text) > 17 or abs(int(text)) > _MAX_INTEGER:", "if False:"),
    ),
    *_of(
        "capabilities.py",
        "test_sessions.py",
        ("capability intersection", "if value in offered]", "]"),
        ("intervention_required", 'if interventions.get("enforcement") != "always":', "if True:"),
    ),
    *_of(
        "server/pricing.py",
        "test_sessions.py",
        ("payment handlers", '"handlers": profile.handler_documents', '"handlers": []'),
        ("chosen option on offer", 'if choice["option_id"] not in offered:', "if False:"),
        ("chosen option of its type", 'if choice["type"] != offered[choice["option_id"]]:', "if False:"),
        ("chosen lines exist", "if name not in lines:", "if False:"),
        ("chosen option can carry the lines", 'if choice["option_id"] not in taken:', "if False:"),
        ("an option for every line", "if not explained and _uncovered(quote):", "if False:"),
        *(
            (
                f"fulfillment type {kind}",
                '"fulfillment_options": quote.fulfillment_options',
                f'"fulfillment_options": [o for o in quote.fulfillment_options if o["type"] != "{kind}"]',
            )
            for kind in ("shipping", "digital", "pickup", "local_delivery")
        ),
        ("currency sold in", "if currency.lower() not in profile.currencies:", "if False:"),
        (
            "errors keep a session from payment",
            "Status.NOT_READY_FOR_PAYMENT if blocked else",
            "Status.READY_FOR_PAYMENT if blocked else",
        ),
        ("holds (pending_approval and others)", "return quote.hold.status", "return Status.READY_FOR_PAYMENT"),
        ("continue_url of an escalation", 'held["continue_url"] = quote.hold.continue_url', "pass"),
    ),
    *_of(
        "server/messages.py",
        "test_completion.py",
        ("severity of a message", "severity=severity, resolution=resolution)", "resolution=resolution)"),
        ("resolution of a message", "severity=severity, resolution=resolution)", "severity=severity)"),
    ),
    *_of(
        "server/asked.py",
        "test_sessions.py",
        ("null clears", "target.pop(name, None)", "pass"),
        (
            "absent leaves",
            "result = dict(asked)",
            "result = {'items': asked['items'], 'next_line': 1, 'currency': 'usd'}",
        ),
    ),
    *_of(
        "lifecycle.py",
        "test_sessions.py",
        ("expiry", "return Status.EXPIRED if stored in OPEN", "return Status.EXPIRED if False"),
        (
            "terminal states are immutable",
            "Status.CANCELED:                 (_S,       _F,",
            "Status.CANCELED:                 (_S,       _P,",
        ),
    ),
    *_of(
        "server/checkout.py",
        "test_sessions.py",
        ("finished sessions refuse, cancel by 405", "if step is Step.FINISHED:", "if False:"),
        (
            "a session belongs to its owner",
            'call.params["checkout_session_id"], call.owner, call.now',
            'call.params["checkout_session_id"], "agent one", call.now',
        ),
        (
            "changes at once are not lost",
            "            except Stale:\n                continue\n        raise contended()\n\n    async def cancel",
            "            except Stale:\n                raise contended()\n        raise contended()\n\n    async def cancel",
        ),
    ),
    *_of(
        "server/checkout.py",
        "test_completion.py",
        ("requires_3ds without a result", "if step is Step.ASK_3DS:", "if False:"),
        ("nothing changes while a payment runs", "if step is Step.BUSY:", "if False:"),
    ),
    *_of(
        "server/completion.py",
        "test_completion.py",
        (
            "a session that is not ready says why",
            "code, content, resolution = _FIRST[session.status]",
            "code, content, resolution = ('invalid', 'No.', 'recoverable')",
        ),
        ("failed 3-D Secure charges nothing", 'result["outcome"] in FAILED_AUTHENTICATION', "False"),
        ("only handlers on offer", 'if data["handler_id"] not in handlers:', "if False:"),
        (
            "a purchase order alone is refused",
            'if "handler_id" not in data or "instrument" not in data:',
            "if False:",
        ),
        ("a changed total is shown first", "if total_due(document) != total_due(session.document):", "if False:"),
        ("each attempt has its own key at the PSP", 'key=f"{session.id}:{attempt}"', "key=session.id"),
    ),
    *_of("server/incoming.py", "test_requests.py", ("body limit", "if len(body) > limit:", "if False:")),
    *_of(
        "server/store/store.py",
        "test_completion.py",
        (
            "one payment at a time (revision)",
            "if changed.rowcount != 1:\n        raise Stale",
            "if False:\n        raise Stale",
        ),
    ),
    *_of(
        "server/orders.py",
        "test_orders.py",
        ("an order keeps its id and session", "if document.get(member) != kept.document[member]:", "if False:"),
        ("a changed order is validated", "in schemas.validator(", "in () and schemas.validator("),
        ("a session shows its order as it is now", '{"order": document, "updated_at"', '{"updated_at"'),
        ("a change of nothing tells nobody", "if document == kept.document:", "if False:"),
    ),
    *_of(
        "server/store/orders.py",
        "test_orders.py",
        ("changes of an order told", "    write_event(db, id, order.owner, event, now)", "    pass"),
        ("an order belongs to its owner", "(? IS NULL OR orders.owner = ?)", "(1 OR ? IS NULL OR orders.owner = ?)"),
    ),
    *_of(
        "server/store/events.py",
        "test_orders.py",
        ("an update waits behind a create", "now.timestamp() if waits is None else waits", "now.timestamp()"),
    ),
    *_of(
        "orders/money.py",
        "../test_orders.py",
        ("no more refunded than charged", 'statuses=("pending", "completed"))', "statuses=())"),
    ),
    *_of(
        "orders/units.py",
        "../test_orders.py",
        ("no more handed over than ordered", "if fulfilled > ordered:", "if False:"),
    ),
    *_of(
        "orders/fulfilling.py",
        "../test_orders.py",
        ("units handed over counted once", "if handed_over(each) and not before:", "if handed_over(each):"),
        ("an order under review stays where it is", "    _check_not_held(changed)\n", ""),
    ),
    *_of(
        "server/answer.py",
        "test_requests.py",
        ("the answer validated before the commit", "if not validator.is_valid(document):", "if False:"),
    ),
    *_of(
        "allowance.py",
        "test_delegate_payment.py",
        ("allowance: amount", '"amount": 0 < use.amount <=', '"amount": True or 0 < use.amount <='),
        ("allowance: currency", '"currency": use', '"currency": True or use'),
        ("allowance: merchant", '"merchant": use', '"merchant": True or use'),
        ("allowance: session", '"session": use', '"session": True or use'),
        ("allowance: expiry", '"expiry": use', '"expiry": True or use'),
    ),
    *_of("server/incoming.py", "test_requests.py", ("body limit", "if len(body) > limit:", "if False:")),
    *_of(
        "server/store/store.py",
        "test_delegate_payment.py",
        ("allowance: single use", "AND (spent_key IS NULL OR spent_key = ?)", "AND (1 OR spent_key = ?)"),
    ),
    *_of(
        "server/vault.py",
        "test_delegate_payment.py",
        ("card rules", '_check_card(call.body["payment_method"], call.now)', "pass"),
        ("allowance rules", '_check_allowance(call.body["allowance"], call.now)', "pass"),
    ),
    *_of(
        "server/webhooks.py",
        "test_webhooks.py",
        ("webhook signatures verified", "signing.verify_webhook(", "str("),
    ),
    *_of(
        "server/outbox/outbox.py",
        "outbox/test_outbox.py",
        ("order events tried again", "if verdict.taken:", "if True:"),
        ("an event is sent as soon as it is written", "self._loop.call_soon_threadsafe(self._woken.set)", "pass"),
        ("so many events to one owner at once", "self._terms.at_once - busy[owner] for owner", "99 for owner"),
        ("one owner holds up nobody else", "busy = Counter(event.owner for", "busy = Counter('agent two' for"),
        ("events that failed do not come back together", "bound * draw", "bound"),
        ("pauses double", "(1 << min(event.attempts, 32))", "1"),
        ("an event is given up in the end", "if now >= ends:", "if False:"),
        ("410 ends an event at once", "None if verdict.final else", ""),
        ("Retry-After of a receiver honoured", "if verdict.wait is not None:", "if False:"),
        ("Retry-After of a receiver capped", "min(verdict.wait, self._terms.longest_wait)", "verdict.wait"),
        (
            "a receiver that asks to be left alone is",
            "if now >= self._quiet_until.get(owner, now)]",
            "]",
        ),
        ("an event under way at the end is let go", "await self._events.let_go(self._held.values())", "pass"),
    ),
    *_of(
        "server/store/events.py",
        "outbox/test_outbox.py",
        (
            "the events of an order keep their order",
            "earlier.id < events.id AND earlier.delivered_at IS NULL)\nORDER",
            "earlier.id < 0)\nORDER",
        ),
        ("an event is held by one at a time", '"UPDATE events SET held_until = ? WHERE id = ?"', '"SELECT ?, ?"'),
        (
            "a late failure changes nothing",
            "WHERE id = ? AND held_until = ? AND delivered_at IS NULL",
            "WHERE id = ? AND (1 OR held_until = ?)",
        ),
        (
            "dead letters sent again",
            "UPDATE events SET dead_at = NULL, delivered_at = NULL, attempts",
            "UPDATE events SET attempts",
        ),
        ("what waits behind a dead letter is not looked at", 'NEVER = float("inf")', "NEVER = 0.0"),
    ),
    *_of(
        "server/outbox/attempt.py",
        "outbox/test_outbox.py",
        (
            "order events delivered",
            "verdict = await self._carry(event, target.url, target.secret)",
            "verdict = Verdict(True, '', 200)",
        ),
        ("a slow receiver is given up", "self._deployment.delivery.timeout.total_seconds()", "1000.0"),
        (
            "the previous secret is tried",
            "if verdict.status == 401 and target.previous_secret is not None:",
            "if False:",
        ),
        ("a Retry-After beyond the calendar", "except (ValueError, OverflowError):", "except ValueError:"),
        ("credentials in a URL refused", "except Refused as refusal:", "except ZeroDivisionError as refusal:"),
    ),
    *_of(
        "server/outbox/network.py",
        "outbox/test_targets.py",
        ("addresses checked after they are looked up", "self._rules.check(host, addresses)", "pass"),
        ("what was checked is what is called", "connect_tcp(str(addresses[-1]), port", "connect_tcp(host, port"),
        ("the next address is tried", "for address in addresses[:-1]:", "for address in []:"),
    ),
    *_of(
        "server/outbox/network.py",
        "outbox/test_outbox.py",
        ("a name is looked up once at a time", "if host not in self._under_way:", "if True:"),
    ),
    *_of(
        "server/outbox/targets.py",
        "outbox/test_targets.py",
        ("http for named networks alone", 'public=scheme == "https"', "public=True"),
        ("carriers' inner addresses refused", '        "100.64.0.0/10",  # a carrier\'s inner side\n', ""),
        ("wrapped addresses refused (mapped)", "if address.ipv4_mapped is not None:", "if False:"),
        ("wrapped addresses refused (NAT64)", "if address in _NAT64:", "if False:"),
        ("wrapped addresses refused (6to4)", '        "2002::/16",  # 6to4, which wraps an IPv4 address\n', ""),
    ),
    *_of(
        "server/discovery.py",
        "test_requests.py",
        ("discovery names where the API is", 'call.base_url.rstrip("/") + self._prefix', '"https://elsewhere.example"'),
    ),
    *_of(
        "server/settling.py",
        "test_completion.py",
        ("3-D Secure asked for, with metadata", "authentication_metadata=metadata", "**{}"),
        (
            "3-D Secure result handed back",
            "authentication_result=AuthenticationResult.of(result) if result else None",
            "authentication_result=None",
        ),
        ("declines are messages", "Status.READY_FOR_PAYMENT, [declined])", "Status.READY_FOR_PAYMENT, [])"),
        (
            "a declined payment gives its stock back",
            "await self._backend.release(session.id)\n                declined",
            "declined",
        ),
        (
            "slow payments stay under way",
            "await self._store.defer_payment(self._intent,",
            "await self._end(session, now, Status.READY_FOR_PAYMENT, []) or (self._intent,",
        ),
        ("stock is set aside before the charge", "if unavailable:", "if False:"),
        ("an expired session stays expired after a payment", "observed(status, session.expires_at, now)", "status"),
    ),
    *_of(
        "server/settling.py",
        "test_settling.py",
        ("a refusal while authorizing is a decline", "return Declined(refusal.message)", "raise"),
        ("a failure before the PSP undoes the attempt", "await self._store.undo_payment(before, self._intent)", "pass"),
    ),
    *_of(
        "server/completion.py",
        "test_settling.py",
        (
            "the key is free again after a failure",
            "await self._store.abandon_claim(intent, self._deployment.clock() + RETRY_AFTER)",
            "pass",
        ),
        ("a payment that hangs is given up", "async with asyncio.timeout(", "async with asyncio.timeout(1000 * "),
    ),
    *_of("server/incoming.py", "test_requests.py", ("body limit", "if len(body) > limit:", "if False:")),
    *_of(
        "server/store/store.py",
        "test_settling.py",
        (
            "a payment is held by one at a time",
            'WHERE session_id = ? AND held_until <= ?"\n',
            'WHERE session_id = ? AND (1 OR held_until <= ?)"\n',
        ),
        (
            "an outcome only ends its own attempt",
            '"DELETE FROM intents WHERE session_id = ? AND key = ?"',
            '"DELETE FROM intents WHERE session_id = ? AND (1 OR key = ?)"',
        ),
        (
            "an outcome is kept though a later key is taken",
            "return claim is None or self._claimed(db, claim, answer)",
            "return claim is None or self._claim(db, claim, answer) is None",
        ),
    ),
    *_of(
        "server/checked.py",
        "test_settling.py",
        (
            "outcomes of a backend checked",
            "if not isinstance(outcome, (Authorized, Declined, NeedsAuthentication, Pending)):",
            "if False:",
        ),
        ("orders of a backend checked", "if document.get(member) != wanted:", "if False:"),
    ),
    *_of(
        "server/checked.py",
        "test_quotes.py",
        ("amounts are whole", "if not isinstance(amount, int) or isinstance(amount, bool):", "if False:"),
        ("totals add up", "if allowed and stated[0] not in allowed:", "if False:"),
        ("one total", "if len(stated) != 1:", "if False:"),
        ("the lines that were asked for", 'if line is None or line.get("quantity") != item.quantity:', "if False:"),
    ),
    *_of(
        "server/roles.py",
        "test_crashes.py",
        ("payments settled after a crash", "(SETTLE_SECONDS, begin_settling),", ""),
    ),
    *_of("canonical.py", "test_quotes.py", ("values counted without commas", '(b",") + opened >', '(b",") >')),
    *_of(
        "canonical.py",
        "test_delegate_payment.py",
        (
            "fingerprints of card numbers are keyed",
            "if key else hashlib.sha256(form)",
            "if False else hashlib.sha256(form)",
        ),
    ),
    *_of(
        "server/deployment.py",
        "test_random_ids.py",
        ("no id that a log would mask", "while has_card_number(id :=", "while not (id :="),
    ),
    *_mock(
        "identifiers.py",
        "test_identifiers.py",
        ("no seeded id that a log would mask", "while has_card_number(id :=", "while not (id :="),
    ),
    *_mock(
        "control/routes.py",
        "control/test_app.py",
        ("a misspelled path told what is near", "return get_close_matches(last[:LONGEST], sorted(there))", "return []"),
    ),
    *_mock(
        "scenarios/scenarios.py",
        "scenarios/test_scenarios.py",
        (
            "an unknown scenario refused",
            'return refusal(400, "invalid_request", "unknown_scenario", str(error))',
            "by_header = []",
        ),
        ("a scenario stays with the session it opens", 'return document.get("id")', "return None"),
        ("a replay gives a session no scenario", "and reply.header(headers.IDEMPOTENT_REPLAYED) is None", ""),
        ("a payment under way keeps its scenario", "return asked.session_id if paying else None", "return None"),
        ("a scenario that has begun stays", "await asyncio.to_thread(self._begin, session_id, begins, named)", "pass"),
        ("a scenario named twice is played once", "_once(scenarios(names))", "scenarios(names)"),
        ("values of the request itself", "said.beside(Values.of_session(session))", "Values.of_session(session)"),
        ("the header of scenarios goes no further", "go(asked.with_header(HEADER, None))", "go(asked)"),
        ("what happens once happens once", 'not wire.get("once") or', "True or"),
        ("a refused request uses nothing up", "if reply.status < 400 and (", "if ("),
        ("scenarios of the whole shop", "*values.cart(), *self.shop_wide", "*values.cart()"),
        ("replies of the whole shop", "*self._values(asked).cart(), *self.shop_wide", "*self._values(asked).cart()"),
        (
            "a header's scenario is stronger than the shop's",
            "_once([*named, *values.cart(), *self.shop_wide])",
            "_once([*self.shop_wide, *values.cart(), *named])",
        ),
        ("a file in trouble is the shop's to tell", "except ServerFault:", "except ZeroDivisionError:"),
    ),
    *_mock(
        "scenarios/memory.py",
        "scenarios/test_scenarios.py",
        ("the first scenario is strongest", " ORDER BY n", " ORDER BY n DESC"),
    ),
    *_mock(
        "scenarios/acting.py",
        "scenarios/test_scenarios.py",
        ("no more goods than there are", "min(limits if units is None else [units, *limits])", "limits[0]"),
        (
            "only the goods of a scenario changed",
            "own = self.items.get(item)",
            "own = next(iter(self.items.values()), None)",
        ),
    ),
    *_mock(
        "scenarios/values.py",
        "scenarios/test_scenarios.py",
        ("e-mail addresses whatever their case", "_BY_EMAIL.get(self.email.lower())", "_BY_EMAIL.get(self.email)"),
        ("streets whatever their case", "_BY_STREET.get(self.street.lower())", "_BY_STREET.get(self.street)"),
    ),
    *_mock(
        "psp.py",
        "scenarios/test_scenarios.py",
        ("a scenario's own outcome of 3-D Secure", "(bank.outcome or authentication)", "authentication"),
        ("tokens to try", "_card_to_try(token) or", ""),
        ("no card vaulted where a scenario says so", "told().unvaulted or", ""),
    ),
    *_mock(
        "wire/stage.py",
        "wire/test_stage.py",
        ("a slow body is not held for ever", "timeout(READ_SECONDS)", "timeout(1000)"),
    ),
    *_mock("shop.py", "scenarios/test_every_way.py", ("orders of a shape", "acting.order or", "")),
    *_of(
        "server/outbox/outbox.py",
        "outbox/test_put_off.py",
        ("what is put off is no attempt", "if verdict.put_off is not None:", "if False:"),
        ("all that is due has been tried", "await self._errands.ended(ends - self._loop.time())", "True"),
    ),
    *_of(
        "server/store/events.py",
        "outbox/test_put_off.py",
        ("delivered events sent once more", "(delivered_at IS NOT NULL AND ?)", "(0 AND ?)"),
    ),
    *_of(
        "server/logs.py",
        "../../merchant_mock/test_logs.py",
        ("log lines cannot be steered", "visible(super().formatMessage(record))", "super().formatMessage(record)"),
        ("tracebacks cannot forge a line", 'f"    {visible(line)}"', "line"),
    ),
    *_mock(
        "control/guard.py",
        "control/test_guard.py",
        ("control: this machine only", "if not is_loopback(peer):", "if False:"),
        ("control: no foreign Host", "if name not in known and", "if False and"),
        ("control: no proxy", "if any(name in sent for name in FORWARDED):", "if False:"),
        ("control: no form of another site", 'if scope["method"] not in ("GET", "HEAD") and', "if False and"),
    ),
    *_mock(
        "control/app.py",
        "control/test_app.py",
        ("control: bodies held to the schema", "    check(route.accepts, body)\n", ""),
        ("control: queries held to the schema", 'check(route.asks, query, "In the query: ")', "pass"),
    ),
    *_mock(
        "due.py",
        "control/test_clock.py",
        ("retention follows the clock", "await house.store.purge(now)", "pass"),
        (
            "payments follow the clock",
            "(await asyncio.wait(settling, timeout=PATIENCE_SECONDS))[1] if settling",
            "[] if settling",
        ),
        ("deliveries follow the clock", "return await house.role.deliver_due(PATIENCE_SECONDS)", "return True"),
    ),
    *_mock(
        "street.py",
        "control/test_keys.py",
        (
            "a request goes to the shop of its key",
            "tenant or self.of_request(inner) or self._first",
            "tenant or self._first",
        ),
        (
            "a base path leads to its shop",
            'tenant = self._tenants.get(found["id"]) if found else None',
            "tenant = None",
        ),
        ("keys have an end", "if len(self._tenants) >= MOST_TENANTS:", "if False:"),
    ),
    *_mock(
        "tenants.py",
        "control/test_keys.py",
        ("a tenant's files go with it", "            remove(self.terms.database)\n", "            pass\n"),
        ("a fresh start empties the file", "await asyncio.to_thread(empty, self.terms.database)", "pass"),
        ("a fresh start puts the clock back", "self.terms.clock.back()", "pass"),
    ),
    *_mock(
        "tenants.py",
        "test_street.py",
        ("control: a fresh start waits for a look", "            self._under_way += 1\n", "            pass\n"),
        ("control: a closed shop lets nobody in", "        if self._left:\n", "        if False:\n"),
    ),
    *_mock(
        "journal/entry.py",
        "journal/test_journal.py",
        (
            "secrets never get into the journal",
            "        return text if masked == document and _is_all(body) else orjson.dumps(masked).decode()",
            "        return text",
        ),
        (
            "a secret cannot hide behind a namesake in the journal",
            "masked == document and _is_all(body)",
            "masked == document",
        ),
        (
            "a secret cannot hide behind percent signs in the journal",
            "return masked if bare == decoded else",
            "return masked or",
        ),
        ("credentials never get into the journal", "return str(redact({name: value})[name])", "return value"),
    ),
    *_mock(
        "journal/journal.py",
        "journal/test_journal.py",
        ("of half a body only the size is kept", "if len(message.body) == size else None", ""),
        ("what was asked before a clearing is forgotten", "        if id > 0:\n", "        if True:\n"),
    ),
    *_mock(
        "control/clock.py",
        "control/test_app.py",
        ("the clock keeps within its range", "if not EARLIEST <= at <= LATEST:", "if False:"),
    ),
    *_mock(
        "journal/curl.py",
        "control/test_requests.py",
        ("a curl line names no file of its reader", "--data-raw ", "--data-binary "),
        ("a curl line sends an empty header", "if value else _quoted(f'{name};')", ""),
        ("a curl line adds no header", "if entry.request.header(name) is None:", "if False:"),
    ),
    *_mock(
        "journal/broken.py",
        "journal/test_broken.py::test_the_rule_is_that_of_the_call",
        ("the rule is that of the call", "{**general, **of_operation}", "general"),
    ),
    *_mock(
        "journal/broken.py",
        "journal/test_broken.py::test_what_is_not_about_a_value_blames_neither_a_definition_nor_a_header",
        ("only a value is held to a definition", "    if not isinstance(at, str):\n        return {}\n", ""),
    ),
    *_mock(
        "postbag.py",
        "control/test_webhooks.py",
        ("an event that gave way is tried again", "await self.again(refused)", "pass"),
        ("a delayed event waits for the clock", "if self.clock() < until:", "if False:"),
        ("events come twice", "duplicate.times - 1 if duplicate else 0", "0"),
        ("events change places", "if self._take(Handling.REORDER) is not None:", "if False:"),
        ("events are spoiled", "if corrupt is not None:", "if False:"),
    ),
]


def tried(behaviour: Behaviour) -> tuple[Behaviour, str | None]:
    """The behaviour and the first test that fails without it; None when no test does."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            ignored = shutil.ignore_patterns("__pycache__")
            _ = shutil.copytree(source, copy / name, ignore=ignored) if source.is_dir() else shutil.copy(source, copy)
        changed = copy / behaviour.file
        text = changed.read_text()
        if behaviour.old not in text:
            return behaviour, None
        changed.write_text(text.replace(behaviour.old, behaviour.new))
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", behaviour.tests],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            check=False,
        )
        failed = re.search(r"^(?:FAILED|ERROR) (\S+)", run.stdout, re.MULTILINE)
        return behaviour, failed[1] if failed and run.returncode == 1 else None


def main(names: list[str]) -> int:
    """Try every behaviour, or those whose name contains one of `names`."""
    chosen = [b for b in BEHAVIOURS if not names or any(name in b.name for name in names)]
    unnoticed = 0
    with ThreadPoolExecutor(2) as pool:
        for behaviour, test in pool.map(tried, chosen):
            unnoticed += test is None
            print(f"{'ok  ' if test else 'MISS'} {behaviour.name:60} {test or ''}", flush=True)
    print(f"{len(chosen) - unnoticed} of {len(chosen)} behaviours are missed by a test when they are switched off")
    return 1 if unnoticed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
