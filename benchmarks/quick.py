import asyncio, sys, socket, subprocess, tempfile, time, uuid, statistics, json, os
from pathlib import Path
import httpx, orjson, uvloop
from benchmarks.load import drive, request

ROOT = Path(__file__).parents[1]
HOME = {
    "name": "Ada Moor",
    "line_one": "1 Heather Row",
    "city": "Fresno",
    "state": "CA",
    "country": "US",
    "postal_code": "93701",
}
CREATE = {
    "line_items": [{"id": "mug", "quantity": 2}],
    "currency": "usd",
    "capabilities": {"interventions": {"supported": ["3ds"]}},
    "buyer": {"email": "ada@example.com"},
    "fulfillment_details": {"address": HOME},
}
UPDATE = {"line_items": [{"id": "mug", "quantity": 3}]}
PAY = {
    "payment_data": {
        "handler_id": "card",
        "instrument": {"type": "card", "credential": {"type": "spt", "token": "vt_1"}},
    }
}
H = [("Authorization", "Bearer demo-key"), ("API-Version", "2026-04-17"), ("Content-Type", "application/json")]


def start(name, folder):
    l = socket.create_server(("127.0.0.1", 0), backlog=256)
    fd = l.fileno()
    p = subprocess.Popen(
        [sys.executable, *os.environ.get("PROF", "").split(), "-m", "benchmarks.served", name, str(fd), str(folder)],
        cwd=ROOT,
        pass_fds=[fd],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    addr = l.getsockname()
    for _ in range(400):
        try:
            httpx.get(f"http://127.0.0.1:{addr[1]}/checkout_sessions/none", timeout=1, trust_env=False)
            break
        except httpx.TransportError:
            time.sleep(0.02)
    return p, addr


def cpu(p):
    f = open(f"/proc/{p.pid}/stat").read().split()
    return (int(f[13]) + int(f[14])) / 100


async def main():
    folder = Path(tempfile.mkdtemp())
    shop, sa = start("shop", folder)
    http = httpx.Client(base_url=f"http://127.0.0.1:{sa[1]}", headers=dict(H), trust_env=False)
    post = lambda path, b: http.post(path, json=b, headers={"Idempotency-Key": str(uuid.uuid4())})
    r = post("/checkout_sessions", CREATE)
    assert r.status_code == 201, r.text
    id = r.json()["id"]
    sample = {"Create": r.text.replace(id, "CS")}
    r = post(f"/checkout_sessions/{id}", UPDATE)
    sample["Update"] = r.text.replace(id, "CS")
    r = post(f"/checkout_sessions/{id}/complete", PAY)
    assert r.json()["status"] == "completed", r.text
    sample["Complete"] = r.text.replace(id, "CS")
    sample["order"] = json.dumps(r.json()["order"])
    import sqlite3

    sample["asked"] = sqlite3.connect(folder / "mugs.db").execute("select asked from sessions").fetchone()[0]
    (folder / "sample.json").write_text(json.dumps(sample))
    print("bytes", {k: len(v) for k, v in sample.items()})
    twin, ta = start("twin", folder)
    ids = {"shop": [], "twin": []}
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 16
    secs = float(sys.argv[2]) if len(sys.argv) > 2 else 2
    ops = (sys.argv[3] if len(sys.argv) > 3 else "create,get,update,complete").split(",")

    def posts(path, body):
        raw = json.dumps(body).encode()
        while True:
            yield request("POST", path, [*H, ("Idempotency-Key", uuid.uuid4().hex)], raw)

    def each(name, suffix, body):
        raw = json.dumps(body).encode()
        for id in ids[name]:
            yield request("POST", f"/checkout_sessions/{id}{suffix}", [*H, ("Idempotency-Key", uuid.uuid4().hex)], raw)

    def gets(name):
        while True:
            for id in ids[name]:
                yield request("GET", f"/checkout_sessions/{id}", H)

    for op in ops:
        res = {"shop": [], "twin": []}
        for rnd in range(3):
            for name, p, a in (("shop", shop, sa), ("twin", twin, ta)):
                if op == "create":
                    it, exp, keep = (
                        posts("/checkout_sessions", CREATE),
                        201,
                        (lambda b, name=name: ids[name].append(b[7:42].decode())),
                    )
                elif op == "get":
                    it, exp, keep = gets(name), 200, None
                elif op == "update":
                    it, exp, keep = each(name, "", UPDATE), 200, None
                else:
                    k = len(ids[name])
                    it, exp, keep = each(name, "/complete", PAY), 200, None

                c = cpu(p)
                ld = await drive(a, it, connections=n, seconds=secs, expected=exp, keep=keep)
                c = cpu(p) - c
                if op == "complete":
                    ids[name] = ids[name][len(ld.latencies) + n :]
                l = sorted(ld.latencies)
                res[name].append((ld.rate, l[len(l) // 2] * 1e3, l[int(len(l) * 0.99)] * 1e3, c / len(l) * 1e6))
        m = {k: [statistics.median(x) for x in zip(*v)] for k, v in res.items()}
        print(
            f"{op:9} n={n} shop {m['shop'][0]:7.0f}/s p50 {m['shop'][1]:.2f} p99 {m['shop'][2]:.2f} cpu {m['shop'][3]:.0f}us | twin {m['twin'][0]:7.0f}/s p50 {m['twin'][1]:.2f} p99 {m['twin'][2]:.2f} cpu {m['twin'][3]:.0f}us | ratio {m['shop'][0] / m['twin'][0]:.2f} cpu-ratio {m['twin'][3] / m['shop'][3]:.2f}",
            flush=True,
        )
    import signal

    for p in (shop, twin):
        p.send_signal(signal.SIGINT)
        p.wait()


uvloop.run(main())
