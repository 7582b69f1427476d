#!/usr/bin/env python3
"""Attacks the web lab as a process.

    Tools/attack_lab.py load|attacks|trespass --vitrine PROGRAM [--course FOLDER]

load: ten learners hand in 50 submissions at once; the server is killed with SIGKILL while it grades, and started
again: every submission that was promised is graded, once. attacks: bodies that are too large or too slow, slow
and swollen heads, wrong methods, paths that lead out, forged cookies, 1000 connections at once; then the server must
still answer, and end on request. trespass: sessions that were fixed before the log-in, forms with stale codes, file names
that lead out, lines smuggled into heads, other people's work by its number, large bodies that never end, seeds before
grading, a stolen session after a change of password. Exit code 0 where all holds. Needs Python's standard library only.
"""
import argparse, collections, concurrent.futures, http.client, json, os, pathlib, re, resource, shutil, signal, socket
import subprocess, sys, tempfile, time, urllib.parse, uuid


class Server:
    def __init__(self, vitrine, course, data):
        self.vitrine, self.data = vitrine, data
        self.environment = dict(os.environ, VITRINE_DATA=data, VITRINE_COURSE=str(course))

    def add(self, name):
        subprocess.run([self.vitrine, "lab", "user", "add", name, "--data", self.data], input="a long password\n",
                       text=True, check=True, env=self.environment, stdout=subprocess.DEVNULL)

    def start(self):
        self.process = subprocess.Popen(
            [self.vitrine, "lab", "serve", "--port", "0", "--json", "--data", self.data, "--allow-weak-isolation"],
            env=self.environment, stdout=subprocess.PIPE, text=True)
        document = ""
        while not document.rstrip().endswith("}"):
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit("the server ended")
            document += line
        self.started = json.loads(document)
        self.port = urllib.parse.urlparse(self.started["url"]).port

    def events(self):
        path = pathlib.Path(self.data, "events.jsonl")
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


class Browser:
    def __init__(self, server):
        self.server, self.cookie = server, ""

    def ask(self, method, path, body=None, headers={}):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            connection.request(method, path, body, {"Cookie": self.cookie, **headers})
            answer = connection.getresponse()
            text = answer.read()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie" and value.startswith("vitrine_session"):
                    self.cookie = value.split(";")[0]
            return answer.status, text
        finally:
            connection.close()

    def token(self, path):
        return re.search(rb'name="token" value="([0-9a-f]+)"', self.ask("GET", path)[1])[1].decode()

    def log_in(self, name):
        token = self.token("/login")
        body = urllib.parse.urlencode({"name": name, "password": "a long password", "token": token})
        status, text = self.ask("POST", "/login", body, {"Content-Type": "application/x-www-form-urlencoded"})
        assert status == 303, (status, text[:300])

    def submit(self, lab, files, token):
        mark, body = uuid.uuid4().hex, b""
        for name, value in (("token", token), ("tier", "basic"), ("mode", "submit")):
            body += f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, content in files.items():
            body += (f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n').encode()
            body += content + b"\r\n"
        return self.ask("POST", f"/labs/{lab}/submissions", body + f"--{mark}--\r\n".encode(),
                        {"Content-Type": f"multipart/form-data; boundary={mark}", "Accept": "application/json"})


def load(server, course):
    people = [f"p{number}" for number in range(10)]
    for name in people:
        server.add(name)
    server.start()
    browsers = []
    for name in people:
        browser = Browser(server)
        browser.log_in(name)
        browsers.append((browser, browser.token("/labs/L10")))
    files = {path.name: path.read_bytes() for path in
             [course / "labs/L10-folding/starter/python/fold.py", course / "shared/python/tensor_io.py"]}
    promised = []
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        jobs = [pool.submit(browsers[n % 10][0].submit, "L10", files, browsers[n % 10][1]) for n in range(50)]
        for job in jobs:
            status, text = job.result()
            assert status == 202, (status, text[:300])
            promised.append(json.loads(text)["submission"])
    assert len(set(promised)) == 50
    graded = lambda: [e["data"]["ticket"] for e in server.events() if e["type"] == "graded"]
    end = time.monotonic() + 60
    while len(graded()) < 5 and time.monotonic() < end:
        time.sleep(0.02)
    server.process.kill()
    server.process.wait()
    before = len(graded())
    assert 5 <= before < 50, f"killed too late or too early: {before}"
    server.start()
    assert server.started["resumed"] == 50 - before, server.started
    end = time.monotonic() + 240
    while len(graded()) < 50 and time.monotonic() < end:
        time.sleep(0.1)
    done = collections.Counter(graded())
    assert set(done) == set(promised), f"{len(done)} of 50 graded"
    assert set(done.values()) == {1}, "one was graded twice"
    events = server.events()
    passed = [e for e in events if e["type"] == "graded" and e["data"]["passed"] == "true"]
    assert len(passed) == 50, len(passed)
    for learner in {e["learner"] for e in passed}:
        attempts = sorted(int(e["data"]["attempt"]) for e in passed if e["learner"] == learner)
        assert attempts == [1, 2, 3, 4, 5], attempts
    for ticket in promised:
        verdict = json.loads(pathlib.Path(server.data, "web/submissions", ticket, "verdict.json").read_text())
        assert verdict["score"]["points"] == 20
    print(f"50 submissions of 10 learners: {before} graded before SIGKILL, {50 - before} after, none lost, none twice")


def raw(port, data, seconds=5, keep=False):
    """Sends bytes as they are; what comes back until the other end closes or time is over."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=seconds)
    try:
        connection.sendall(data)
    except OSError:
        pass
    if keep:
        return connection
    answer = b""
    try:
        while part := connection.recv(65536):
            answer += part
    except OSError:
        pass
    connection.close()
    return answer


def status(answer):
    return int(answer.split(b" ")[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def attacks(server, course):
    server.add("anna")
    server.start()
    port, browser = server.port, Browser(server)
    browser.log_in("anna")
    host = b"Host: 127.0.0.1\r\n"
    held = []

    def expect(what, holds):
        held.append(what)
        assert holds, what

    # Too large, said and unsaid.
    expect("a body that says it is too large", status(raw(
        port, b"POST /login HTTP/1.1\r\n" + host + b"Content-Length: 999999999999\r\n\r\n")) == 413)
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    expect("a body without end", status(raw(
        port, b"POST /login HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 12)) in (413, 0))
    expect("a length that is no number", status(raw(
        port, b"POST /login HTTP/1.1\r\n" + host + b"Content-Length: x\r\n\r\n")) in (400, 413))
    # Bombs of headers.
    expect("one long header", status(raw(
        port, b"GET /login HTTP/1.1\r\n" + host + b"X: " + b"a" * 200_000 + b"\r\n\r\n")) in (0, 400, 431))
    expect("many headers", status(raw(
        port, b"GET /login HTTP/1.1\r\n" + host + b"X: a\r\n" * 5000 + b"\r\n")) in (0, 400, 431))
    expect("a long path", status(raw(port, b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n")) in (0, 400, 414))
    # Paths that lead out, and what is no HTTP.
    for path in ("/../../etc/passwd", "/assets/..%2f..%2fetc%2fpasswd", "/%2e%2e/events.jsonl", "/assets/%00", "/%ff"):
        answer = raw(port, f"GET {path} HTTP/1.1\r\n".encode() + host + b"Connection: close\r\n\r\n")
        expect(path, status(answer) in (303, 400, 404) and b"root:" not in answer)
    for data in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(200), b"GET\r\n\r\n", os.urandom(500),
                 b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 1000, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
        expect("noise", status(raw(port, data, 2)) in (0, 400, 404, 405, 421, 501, 505))
    for method in ("PUT", "DELETE", "TRACE", "PATCH"):
        expect(method, browser.ask(method, "/")[0] == 405)
    # Forged cookies, and a form without its token.
    for cookie in ("vitrine_session=" + "0" * 64, "vitrine_session=anna", "vitrine_session=" + "f" * 63 + "%"):
        stranger = Browser(server)
        stranger.cookie = cookie
        expect(cookie[:30], stranger.ask("GET", "/report")[0] == 303)
    expect("a form without token", browser.ask(
        "POST", "/why/W9", "value=1&because=xxxx", {"Content-Type": "application/x-www-form-urlencoded"})[0] == 403)
    # A thousand connections that say nothing, and heads that come byte by byte: others are still answered, since
    # the silent ones are closed after 20 s and the rest waits.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    before = len(os.listdir(f"/proc/{server.process.pid}/fd"))
    silent, refused = [], 0
    for number in range(1000):
        try:
            connection = socket.socket()
            connection.settimeout(0.02)
            connection.connect(("127.0.0.1", port))
            silent.append(connection)
        except OSError:
            refused += 1
            connection.close()
    time.sleep(0.5)
    count = len(os.listdir(f"/proc/{server.process.pid}/fd")) - before
    expect(f"1000 connections, of which {count} are open at once", count <= 300)
    for connection in silent[::3]:
        try:
            connection.send(b"G")
        except OSError:
            pass
    # A body that comes byte by byte is ended after 30 s; meanwhile and afterwards others are answered.
    start = time.monotonic()
    answered = None
    while time.monotonic() - start < 60:
        try:
            answered = Browser(server).ask("GET", "/login")[0]
            break
        except OSError:
            time.sleep(0.5)
    expect(f"answers again after {time.monotonic() - start:.0f} s", answered == 200)
    for connection in silent:
        connection.close()
    slow = raw(port, b"POST /login HTTP/1.1\r\n" + host + b"Content-Length: 1000\r\n\r\n", 60, keep=True)
    start = time.monotonic()
    slow.settimeout(0.5)
    answer = b""
    while time.monotonic() - start < 50:
        try:
            slow.send(b"x")
            part = slow.recv(65536)
            answer += part
            if not part:
                break
        except TimeoutError:
            continue
        except OSError:
            break
    seconds = time.monotonic() - start
    expect(f"a slow body is ended after {seconds:.0f} s ({status(answer)})", status(answer) == 408 and seconds < 45)
    expect("it still answers", browser.ask("GET", "/labs/L03")[0] == 200)
    memory = int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{server.process.pid}/status").read_text())[1])
    expect(f"{memory >> 10} MiB of memory", memory < 600 << 10)
    # Ends on request, also with a connection that is kept open.
    idle = raw(port, b"GET /login HTTP/1.1\r\n" + host + b"\r\n", keep=True)
    server.process.send_signal(signal.SIGINT)
    expect("ends on Ctrl-C with code 0", server.process.wait(30) == 0)
    idle.close()
    print("\n".join(held))


def form(values):
    return urllib.parse.urlencode(values), {"Content-Type": "application/x-www-form-urlencoded"}


def trespass(server, course):
    for name in ("anna", "ben"):
        server.add(name)
    server.start()
    host, held = b"Host: 127.0.0.1\r\n", []

    def expect(what, holds):
        held.append(what)
        assert holds, what

    # A session that was fixed: the victim logs in with the attacker's cookie, and gets another.
    victim, fixed = Browser(server), "vitrine_session=" + "ab" * 32
    victim.cookie = fixed
    victim.log_in("anna")
    attacker = Browser(server)
    attacker.cookie = fixed
    expect("a fixed session stays a stranger's", victim.cookie != fixed and attacker.ask("GET", "/report")[0] == 303
           and victim.ask("GET", "/report")[0] == 200)
    # Codes of forms: of a stranger, of another learner, of the session before, of the process before.
    ben = Browser(server)
    ben.log_in("ben")
    stale = victim.token("/why/W9")
    others = {"a stranger's code": Browser(server).token("/login"), "another learner's code": ben.token("/why/W9"),
              "no code": "", "half a code": stale[:32], "a code with a tail": stale + "0"}
    body = {"value": "20", "because": "two tens"}
    for what, token in others.items():
        expect(what, victim.ask("POST", "/why/W9", *form({**body, "token": token}))[0] == 403)
    victim.ask("POST", "/logout", *form({"token": stale}))
    victim.log_in("anna")
    expect("a code of the session before", victim.ask("POST", "/why/W9", *form({**body, "token": stale}))[0] == 403)
    good = victim.token("/why/W9")
    for origin in ("null", "http://elsewhere.example", "https://127.0.0.1:1"):
        text, fields = form({**body, "token": good})
        expect(f"a form from {origin}", victim.ask("POST", "/why/W9", text, {**fields, "Origin": origin})[0] == 403)
    expect("nothing was written", not [e for e in server.events() if e["type"] == "predicted"])
    # Names of files that lead out, or cannot be names.
    users, before = pathlib.Path(server.data, "users.json").read_bytes(), set(pathlib.Path(server.data).rglob("*"))
    program = (course / "labs/L10-folding/starter/python/fold.py").read_bytes()
    for name in ("../../users.json", "/etc/cron.d/x", "..\\..\\users.json", "....//....//users.json", "..", ".", ".bashrc",
                 "a\\0b.py", "x" * 300 + ".py", "%2e%2e%2fusers.json", "fold.py/", "con:stream", "verdict.json"):
        status_, text = victim.submit("L10", {name: program}, good)
        expect(f"a file named {name[:24]}", status_ in (202, 400, 422))
    time.sleep(1)
    made = set(pathlib.Path(server.data).rglob("*")) - before
    # Work that was graded is kept a second time, without names, for reviews.
    places = tuple(f"{pathlib.Path(server.data)}/{name}" for name in ("web/submissions/", "handed-in"))
    outside = [p for p in made if not str(p).startswith(places) and not p.name.startswith(("events.jsonl", "cohort"))]
    expect(f"nothing lies outside of submissions {outside[:3]}", not outside)
    expect("the list of users is as it was", pathlib.Path(server.data, "users.json").read_bytes() == users)
    # Lines smuggled into heads.
    smuggled = "/%0d%0aSet-Cookie:%20vitrine_session=evil"
    answer = raw(server.port, f"GET {smuggled} HTTP/1.1\r\n".encode() + host + b"Connection: close\r\n\r\n")
    expect("a line in a path", b"evil" not in answer.split(b"\r\n\r\n")[0] and status(answer) in (303, 400, 404))
    for back in ("/\r\nX-Evil: 1", "/%0d%0aX-Evil: 1", "//elsewhere.example", "/\\elsewhere.example", "/ \nX-Evil: 1"):
        text, fields = form({"back": back, "language": "en", "token": good})
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("POST", "/settings", text, {"Cookie": victim.cookie, **fields})
        reply = connection.getresponse()
        place = reply.getheader("Location") or ""
        expect(f"a line in {back!r}", reply.getheader("X-Evil") is None and "\n" not in place
               and not place.startswith(("//", "/\\")))
        connection.close()
    # Two lengths, or a length and chunks: nothing hides in what one side does not read.
    for smuggle in (b"Content-Length: 4\r\nContent-Length: 40\r\n\r\nabcd", b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"
                    b"\r\n0\r\n\r\nGET /report HTTP/1.1\r\n"):
        answer = raw(server.port, b"POST /login HTTP/1.1\r\n" + host + smuggle + b"\r\n", 3)
        expect("two lengths", answer.count(b"HTTP/1.1 2") == 0)
    # Others' work by its number; nothing of a seed before grading has ended.
    files = {"fold.py": program, "tensor_io.py": (course / "shared/python/tensor_io.py").read_bytes()}
    text = victim.submit("L10", files, good)[1]
    ticket = json.loads(text)["submission"]
    while not [e for e in server.events() if e["type"] in ("graded", "refused") and e["data"].get("ticket") == ticket]:
        for path in (f"/submissions/{ticket}", f"/submissions/{ticket}/live", f"/submissions/{ticket}/verdict.json"):
            code, page = victim.ask("GET", path)
            ended = [e for e in server.events() if e["type"] == "graded" and e["data"].get("ticket") == ticket]
            if ended:
                break
            assert code in (200, 404) and b'"seed"' not in page, path
        time.sleep(0.05)
    verdict = json.loads(victim.ask("GET", f"/submissions/{ticket}/verdict.json")[1])
    seed = verdict["variant"]["seed"]
    lines = pathlib.Path(server.data, "events.jsonl").read_text().splitlines()
    # The log promised a digest of the seed, and holds the seed itself nowhere before the verdict.
    first = next(n for n, line in enumerate(lines) if '"graded"' in line and ticket in line)
    expect("no seed before grading", len(seed) >= 32 and not any(seed in line for line in lines[:first]))
    for path in ("", "/live", "/verdict.json", "/witness/1/x", "/files/fold.py"):
        expect(f"another's submission{path}", ben.ask("GET", f"/submissions/{ticket}{path}")[0] == 404)
    for path in ("/teacher", f"/teacher/learners/{verdict['learner']}", "/events.jsonl", "/users.json", "/secret"):
        expect(f"{path[:20]} for a learner", ben.ask("GET", path)[0] in (403, 404))
    # Large bodies that never end: so many at a time, and others are answered meanwhile.
    slow = []
    for _ in range(6):
        head = (f"POST /tools HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {victim.cookie}\r\n"
                f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {30 << 20}\r\n\r\n").encode()
        slow.append(raw(server.port, head + b"x" * 1000, 10, keep=True))
    time.sleep(1)
    refused = 0
    for connection in slow:
        connection.settimeout(0.3)
        try:
            refused += b" 503 " in connection.recv(200)
        except TimeoutError:
            pass
    expect(f"{refused} of 6 large bodies are refused", refused == 2)
    expect("others are answered", ben.ask("GET", "/labs/L03")[0] == 200)
    for connection in slow:
        connection.close()
    head = f"POST /tools HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {30 << 20}\r\n\r\n".encode()
    expect("a stranger's large body", status(raw(server.port, head, 5)) == 413)
    # A stolen session ends with the password.
    thief = Browser(server)
    thief.cookie = victim.cookie
    expect("a stolen session works", thief.ask("GET", "/report")[0] == 200)
    values = {"old": "a long password", "new": "another long password", "again": "another long password"}
    expect("a password is changed", victim.ask("POST", "/account", *form({**values, "token": victim.token("/account")}))[0]
           == 303)
    expect("and the stolen session has ended", thief.ask("GET", "/report")[0] == 303
           and victim.ask("GET", "/report")[0] == 200)
    # What the process before has given out is of no use to the next.
    old = victim.token("/why/W9")
    server.process.terminate()
    server.process.wait(30)
    server.start()
    expect("a session of the process before", victim.ask("GET", "/report")[0] == 303)
    expect("a code of the process before", Browser(server).ask("POST", "/login", *form({"token": old}))[0] == 403)
    print("\n".join(held))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenario", choices=["load", "attacks", "trespass"])
    parser.add_argument("--vitrine", required=True)
    parser.add_argument("--course", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent / "Course")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="vitrine-lab-")
    server = Server(options.vitrine, options.course, folder + "/data")
    try:
        {"load": load, "attacks": attacks, "trespass": trespass}[options.scenario](server, options.course)
    finally:
        if getattr(server, "process", None) and server.process.poll() is None:
            server.process.kill()
            server.process.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
