#!/usr/bin/env python3
"""Opens report pages in headless Chromium and uses them as a reader would.

    Tools/check_pages.py report.html… [--screenshots FOLDER] [--chromium PROGRAM]

For each page, in English and Chinese: no console message above info, no exception, no request but the
page itself, every tool built, every chart drawn, a click on a node lights its counterparts, keys work, and
nothing is wider than a phone. Exit code 0 where all hold, 1 where one does not, 69 without Chromium. Needs
Python's standard library only: it speaks the DevTools protocol over a WebSocket of its own.
"""
import argparse, base64, json, os, pathlib, shutil, socket, struct, subprocess, sys, tempfile, time
import urllib.parse, urllib.request


class Browser:
    """One Chromium with one tab, driven by the DevTools protocol."""

    def __init__(self, program):
        self.folder = tempfile.mkdtemp(prefix="vitrine-browser-")
        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--disable-default-apps", "--remote-debugging-port=0",
             "--remote-allow-origins=*", f"--user-data-dir={self.folder}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.events, self.number = [], 0
        try:
            port = self.wait_for_port()
            tabs = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=10))
            page = next(tab for tab in tabs if tab["type"] == "page")
            self.connect(port, urllib.parse.urlparse(page["webSocketDebuggerUrl"]).path)
        except Exception:
            self.close()
            raise

    def wait_for_port(self, seconds=60):
        path = pathlib.Path(self.folder, "DevToolsActivePort")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"chromium ended with code {self.process.returncode}")
            lines = path.read_text().split() if path.exists() else []
            if lines:
                return int(lines[0])
            time.sleep(0.05)
        raise RuntimeError("chromium did not open its port")

    def connect(self, port, path):
        """RFC 6455: an upgrade, then masked text frames."""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
                             f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                             "Sec-WebSocket-Version: 13\r\n\r\n").encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.exactly(1)
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise RuntimeError(f"no WebSocket: {head[:100]!r}")

    def exactly(self, count):
        parts = bytearray()
        while len(parts) < count:
            part = self.socket.recv(min(1 << 20, count - len(parts)))
            if not part:
                raise RuntimeError("chromium closed the connection")
            parts += part
        return bytes(parts)

    def send(self, text):
        data, mask = text.encode(), os.urandom(4)
        size = len(data)
        head = b"\x81" + (bytes([0x80 | size]) if size < 126 else
                          b"\xfe" + struct.pack(">H", size) if size < 65536 else
                          b"\xff" + struct.pack(">Q", size))
        self.socket.sendall(head + mask + bytes(b ^ mask[i & 3] for i, b in enumerate(data)))

    def receive(self):
        message = b""
        while True:
            first, second = self.exactly(2)
            size = second & 0x7F
            if size == 126:
                size = struct.unpack(">H", self.exactly(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self.exactly(8))[0]
            data = self.exactly(size)
            if first & 0x0F in (0, 1):
                message += data
                if first & 0x80:
                    return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        self.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def run(self, script):
        """The value of a script, which may be a promise."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            text = details.get("exception", {}).get("description") or details["text"]
            raise RuntimeError(f"the page threw: {text}")
        return answer["result"].get("value")

    def wait(self, script, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if self.run(f"Boolean({script})"):
                    return True
            except RuntimeError as error:
                # Asked while one page gives way to the next.
                if "navigated" not in str(error):
                    raise
            time.sleep(0.1)
        return False

    def resize(self, width, height, dark=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 600)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
                            {"name": "prefers-reduced-motion", "value": "reduce"}])

    def key(self, name):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name)

    def click(self, x, y):
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1,
                      buttons=1 if kind == "mousePressed" else 0)

    def screenshot(self, path):
        answer = self.call("Page.captureScreenshot", format="png")
        pathlib.Path(path).write_bytes(base64.b64decode(answer["data"]))

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class PageCheck:
    def __init__(self, browser, path, screenshots):
        self.browser, self.path, self.screenshots = browser, pathlib.Path(path).resolve(), screenshots
        self.address = self.path.as_uri()
        self.problems, self.done = [], []

    def expect(self, holds, what):
        (self.done if holds else self.problems).append(what)

    def open(self, width, height, dark):
        self.browser.resize(width, height, dark)
        self.browser.events.clear()
        self.browser.call("Page.navigate", url=self.address)
        self.expect(self.browser.wait("document.body && document.body.hasAttribute('data-ready')"),
                    f"the page is ready at {width} px")
        # Tools and charts are made when they come near the screen: each is gone to and waited for.
        self.browser.run("""(async () => {
          const isDone = (e) => e.hasAttribute('data-ready') || e.hasAttribute('data-drawn')
            || !e.offsetParent || (!e.dataset.tool && !Vitrine.hasPlotly());
          for (const e of document.querySelectorAll('[data-tool], .chart')) {
            e.scrollIntoView();
            for (let n = 0; n < 1000 && !isDone(e); n++) await new Promise(r => setTimeout(r, 20));
          }
          scrollTo(0, 0); })()""")
        self.expect(self.browser.wait(
            "[...document.querySelectorAll('[data-tool]')].every(e => e.hasAttribute('data-ready'))"),
            f"every tool is built at {width} px")
        if self.browser.run("Vitrine.hasPlotly()"):
            drawn = ("[...document.querySelectorAll('.chart')].filter(e => e.offsetParent)"
                     ".every(e => e.hasAttribute('data-drawn'))")
            self.expect(self.browser.wait(drawn), f"every chart is drawn at {width} px")

    def quiet(self, where):
        """Nothing was complained of, and nothing was asked for but the page."""
        for event in self.browser.events:
            method, data = event.get("method"), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                details = data["exceptionDetails"]
                text = details.get("exception", {}).get("description") or details["text"]
                self.problems.append(f"{where}: exception: {text[:300]}")
            elif method == "Runtime.consoleAPICalled" and data["type"] in ("error", "warning", "assert"):
                text = " ".join(str(a.get("value", a.get("description"))) for a in data["args"])
                self.problems.append(f"{where}: console {data['type']}: {text[:300]}")
            elif method == "Log.entryAdded" and data["entry"]["level"] in ("error", "warning"):
                self.problems.append(f"{where}: log: {data['entry']['text'][:300]}")
            elif method == "Network.requestWillBeSent":
                address = data["request"]["url"]
                if not address.startswith(("data:", "blob:")) and address.split("#")[0] != self.address:
                    self.problems.append(f"{where}: request to {address[:200]}")
        self.done.append(f"quiet: {where}")
        self.browser.events.clear()

    def check(self):
        browser = self.browser
        self.open(1440, 900, False)
        self.structure()
        self.timeline()
        self.heat_map()
        self.languages()
        self.themes()
        self.shots("wide")
        self.quiet("wide")
        self.open(390, 844, True)
        self.expect(browser.run("document.documentElement.scrollWidth <= innerWidth + 1"),
                    "nothing is wider than a phone")
        self.shots("narrow")
        self.quiet("narrow")

    def structure(self):
        browser = self.browser
        if not browser.run("Boolean(document.querySelector('[data-tool=structure]'))"):
            return
        browser.run("document.querySelector('[data-tool=structure] .stages').scrollIntoView({block: 'center'})")
        # A node in view whose counterparts are known, found as a reader would: in the first column.
        spot = browser.run("""(() => {
          const boxes = [...document.querySelectorAll('[data-tool=structure] .stage')];
          for (const stage of boxes) for (const node of stage.querySelectorAll('.node')) {
            const b = node.getBoundingClientRect(), c = stage.querySelector('svg').getBoundingClientRect();
            if (b.top > c.top + 5 && b.bottom < c.bottom - 5 && b.left > c.left && b.right < c.right
                && document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2)?.closest('.node') === node)
              return [b.x + b.width / 2, b.y + b.height / 2];
          } return null; })()""")
        self.expect(spot is not None, "a node of the structure is in view")
        if spot is None:
            return
        browser.click(*spot)
        lit = browser.run("""[...document.querySelectorAll('[data-tool=structure] .stage')]
          .map(s => s.querySelectorAll('.node.lit').length)""")
        chosen = browser.run("document.querySelectorAll('[data-tool=structure] .node.chosen').length")
        stages = len(lit)
        self.expect(chosen == 1, "a click chooses one node")
        self.expect(stages < 2 or sum(count > 0 for count in lit) >= 2,
                    f"a click on a node lights its counterparts {lit}")
        self.expect(browser.run("Boolean(document.querySelector('[data-tool=structure] .details dl'))"),
                    "its details are shown")
        self.shot("structure")
        before = browser.run("document.querySelector('[data-tool=structure] .node.chosen').dataset.index")
        browser.key("ArrowDown")
        after = browser.run("document.querySelector('[data-tool=structure] .node.chosen')?.dataset.index")
        self.expect(before != after and after is not None, "an arrow key moves to the next node")
        if browser.run("Boolean(document.querySelector('[data-tool=structure] .steps li'))"):
            browser.run("document.querySelectorAll('[data-tool=structure] .stepper .buttons button')[1].click()")
            self.expect(browser.run("document.querySelectorAll('[data-tool=structure] .steps .current').length") == 1,
                        "edits can be stepped through")
            self.shot("edit")
        browser.run("document.querySelector('[data-tool=structure] .canvas').focus()")
        browser.key("Escape")
        self.expect(browser.run("!document.querySelector('[data-tool=structure].has-lit')"), "Escape clears")
        self.zoom()

    def zoom(self):
        """What the pointer is on stays under it while the drawing is scaled and when it is drawn anew."""
        found = self.browser.run("""(async () => {
          const canvas = [...document.querySelectorAll('[data-tool=structure] .canvas')].find(c => c.clientWidth);
          const svg = canvas.querySelector('svg'), frame = canvas.getBoundingClientRect();
          const middle = n => { const b = n.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; };
          const node = [...svg.querySelectorAll('.node')].find(n => {
            const b = n.getBoundingClientRect();
            return b.width && b.left > frame.left && b.right < frame.right && b.top > frame.top && b.bottom < frame.bottom;
          });
          if (!node) return null;
          const [x, y] = middle(node), errors = [];
          const far = () => { const [a, b] = middle(node); errors.push(Math.hypot(a - x, b - y)); };
          for (let n = 0; n < 5; n++) {
            svg.dispatchEvent(new WheelEvent('wheel',
              { bubbles: true, cancelable: true, ctrlKey: true, deltaY: -80, clientX: x, clientY: y }));
            far();
            await new Promise(r => requestAnimationFrame(r));
          }
          await new Promise(r => setTimeout(r, 400));
          far();
          return { worst: Math.max(...errors), isDrawn: !svg.style.transform,
            isHit: document.elementFromPoint(x, y)?.closest('.node') === node }; })()""")
        self.expect(found and found["worst"] < 2, f"a node stays under the pointer when zooming {found}")
        self.expect(found and found["isDrawn"] and found["isHit"], f"and is drawn anew and hit afterwards {found}")

    def timeline(self):
        browser = self.browser
        if not browser.run("Boolean(document.querySelector('[data-tool=timeline]'))"):
            return
        self.expect(browser.run("document.querySelectorAll('[data-tool=timeline] .span').length") > 3,
                    "the timeline is drawn")
        self.expect(browser.run("Boolean(document.querySelector('[data-tool=timeline] .span.critical'))"),
                    "the critical path is marked")
        browser.run("document.querySelector('[data-tool=timeline] .canvas').focus()")
        browser.key("ArrowRight")
        browser.key("ArrowRight")
        self.expect(browser.run("document.querySelectorAll('[data-tool=timeline] .span.chosen').length") == 1,
                    "arrow keys choose a span")
        browser.run("document.querySelector('[data-tool=timeline]').scrollIntoView({block: 'center'})")
        self.shot("timeline")

    def heat_map(self):
        browser = self.browser
        if not browser.run("Boolean(document.querySelector('[data-tool=heatmap]'))"):
            return
        tabs = browser.run("document.querySelectorAll('[data-tool=heatmap] [role=tab]').length")
        for index in range(tabs):
            browser.run(f"document.querySelectorAll('[data-tool=heatmap] [role=tab]')[{index}].click()")
            browser.run("document.querySelector('[data-tool=heatmap]').scrollIntoView()")
            shown = "document.querySelectorAll('[data-tool=heatmap] .pane:not([hidden])')"
            self.expect(browser.wait(f"{shown}.length && {shown}[0].querySelector('svg, .dim')"),
                        f"pane {index + 1} of the heat map is drawn")
            time.sleep(0.3)
            self.shot(f"heat-{index + 1}")
        if browser.run("Boolean(document.querySelector('[data-tool=heatmap] .node'))"):
            fills = browser.run("""new Set([...document.querySelectorAll('[data-tool=heatmap] .node')]
              .map(n => n.style.getPropertyValue('--fill'))).size""")
            self.expect(fills > 2, f"nodes are coloured by their time ({fills} colours)")

    def languages(self):
        browser = self.browser
        texts = []
        for language in ("zh-Hans", "en"):
            browser.run("(() => { const s = document.getElementById('language');"
                        f"s.value = '{language}'; s.dispatchEvent(new Event('change')); }})()")
            texts.append(browser.run("document.querySelector('main').innerText"))
            self.expect(browser.run("document.documentElement.lang") == language, f"the page is in {language}")
            keys = browser.run("""[...document.querySelectorAll('[data-t]')]
              .filter(e => e.textContent === e.dataset.t && e.dataset.t.includes('.')).map(e => e.dataset.t)""")
            self.expect(not keys, f"every text is there in {language} {keys[:5]}")
            if language == "zh-Hans":
                self.shots("chinese")
        self.expect(any("\u4e00" <= c <= "\u9fff" for c in texts[0]), "the Chinese page is in Chinese")
        self.expect(texts[0] != texts[1], "the languages differ")

    def themes(self):
        colours = [self.browser.run(
            "(() => { const s = document.getElementById('theme');"
            f"s.value = '{theme}'; s.dispatchEvent(new Event('change'));"
            "return getComputedStyle(document.body).backgroundColor; })()") for theme in ("light", "dark")]
        self.expect(colours[0] != colours[1], f"light and dark differ {colours}")
        self.shots("dark")
        self.browser.run("(() => { const s = document.getElementById('theme'); s.value = 'auto';"
                         "s.dispatchEvent(new Event('change')); })()")

    def shot(self, name):
        if self.screenshots:
            self.browser.screenshot(self.screenshots / f"{self.path.parent.name}-{self.path.stem}-{name}.png")

    def shots(self, name):
        """The page from top to bottom, at most twelve screens."""
        if not self.screenshots:
            return
        height = self.browser.run("innerHeight")
        count = min(12, -(-self.browser.run("document.documentElement.scrollHeight") // height))
        for index in range(count):
            self.browser.run(f"scrollTo(0, {index * (height - 70)})")
            time.sleep(0.25)
            self.shot(f"{name}-{index + 1:02d}")
        self.browser.run("scrollTo(0, 0)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="+")
    parser.add_argument("--screenshots", type=pathlib.Path)
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("chromium-browser"))
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    if not options.chromium:
        print("check_pages: chromium is not installed", file=sys.stderr)
        return 69
    if options.screenshots:
        options.screenshots.mkdir(parents=True, exist_ok=True)
    browser, failed = Browser(options.chromium), False
    try:
        for domain in ("Page", "Runtime", "Network", "Log"):
            browser.call(f"{domain}.enable")
        for page in options.pages:
            check = PageCheck(browser, page, options.screenshots)
            check.check()
            failed |= bool(check.problems)
            print(f"{page}: {len(check.done)} hold, {len(check.problems)} do not")
            for problem in check.problems:
                print(f"  ✗ {problem}")
            if options.verbose:
                for done in check.done:
                    print(f"  ✓ {done}")
    finally:
        browser.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
