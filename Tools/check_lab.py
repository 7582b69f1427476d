#!/usr/bin/env python3
"""Uses the web lab in headless Chromium as a class would.

    Tools/check_lab.py --vitrine PROGRAM [--course FOLDER] [--screenshots FOLDER] [--verbose]

Starts the server on a free port with a teacher and two learners. A learner logs in, reads L03, hands in a program
that swaps red and blue, sees that diagnosis with the picture of a failed case, repairs it, passes; the teacher sees
it and overrides a level; the language is switched; the same is done with the keyboard alone; a why-question is answered
and then changed with a slider, another cancelled; a network is uploaded and looked into. Every kind of page is held to
lab_pages.py's rules (contrast, names, focus, width, motion) in both languages, light and dark, at 360 and 1280 px. Exit
code 0 where all holds, 1 where something does not, 69 without Chromium.
"""
import argparse, http.client, json, os, pathlib, shutil, signal, subprocess, sys, tempfile, threading, time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import lab_pages
from check_pages import Browser


class LabCheck:
    def __init__(self, browser, address, course, folder, screenshots, vitrine):
        self.browser, self.address, self.folder, self.screenshots = browser, address, folder, screenshots
        self.course, self.vitrine = course, vitrine
        starter = course / "labs/L03-letterbox/starter/python/pre.py"
        # The source with all its regions is the solution.
        self.right = starter.read_text()
        self.wrong = self.right.replace("source = channel if channels >= 3 else 0",
                                        "source = 2 - channel if channels >= 3 else 0")
        assert self.right != self.wrong
        self.helper = course / "shared/python/tensor_io.py"
        self.problems, self.done, self.shots = [], [], 0

    def expect(self, holds, what):
        (self.done if holds else self.problems).append(what)
        return holds

    # What a browser does.

    def go(self, path):
        self.browser.call("Page.navigate", url=self.address + path)
        self.loaded()

    def loaded(self):
        time.sleep(0.15)
        if not self.browser.wait("document.readyState === 'complete' && document.querySelector('main')", 30):
            raise RuntimeError("a page did not load")

    def leave(self, action):
        """Does something that leads to another page, and waits for it."""
        self.browser.run("window.__old = true")
        action()
        if not self.browser.wait("!window.__old && document.readyState === 'complete'", 30):
            raise RuntimeError("nothing happened")

    def text(self):
        return self.browser.run("document.querySelector('main').innerText")

    def at(self):
        return self.browser.run("location.pathname")

    def press(self, key, text=None):
        codes = {"Tab": 9, "Enter": 13, " ": 32}
        more = {"text": text} if text else {}
        self.browser.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=key,
                          windowsVirtualKeyCode=codes.get(key, 0), **more)
        self.browser.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key,
                          windowsVirtualKeyCode=codes.get(key, 0))

    def tab_to(self, script, most=80):
        """Tabs until the focused element is the wanted one: as somebody without a mouse must be able to."""
        for _ in range(most):
            self.press("Tab")
            if self.browser.run(f"(e => {script})(document.activeElement)"):
                return True
        return False

    def type(self, text):
        self.browser.call("Input.insertText", text=text)

    def choose(self, files):
        paths = []
        for name, content in files.items():
            path = pathlib.Path(self.folder, name)
            path.write_text(content)
            paths.append(str(path))
        root = self.browser.call("DOM.getDocument")["root"]["nodeId"]
        node = self.browser.call("DOM.querySelector", nodeId=root, selector="#files")["nodeId"]
        self.browser.call("DOM.setFileInputFiles", nodeId=node, files=paths + [str(self.helper)])

    def shot(self, name):
        if not self.screenshots:
            return
        self.shots += 1
        self.browser.run("scrollTo(0, 0)")
        size = self.browser.run("[innerWidth, Math.min(5000, document.documentElement.scrollHeight)]")
        answer = self.browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                                   clip={"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1})
        import base64
        path = pathlib.Path(self.screenshots, f"{self.shots:02d}-{name}.png")
        path.write_bytes(base64.b64decode(answer["data"]))

    def quiet(self, where):
        """No script was complained of, and nothing was asked for elsewhere."""
        for event in self.browser.events:
            method, data = event.get("method"), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                self.problems.append(f"{where}: exception: {data['exceptionDetails']['text']}")
            elif method == "Runtime.consoleAPICalled" and data["type"] in ("error", "warning"):
                self.problems.append(f"{where}: console: {data['args']}")
            elif method == "Log.entryAdded" and data["entry"]["level"] in ("error", "warning"):
                self.problems.append(f"{where}: log: {data['entry']['text'][:300]}")
            elif method == "Network.requestWillBeSent":
                address = data["request"]["url"]
                if not address.startswith((self.address, "data:")):
                    self.problems.append(f"{where}: request to {address[:200]}")
        self.browser.events.clear()

    def accessible(self, where):
        found = self.browser.run(lab_pages.NAMES)
        self.expect(not found, f"{where} is accessible" + (f": {found[:5]}" if found else ""))

    # What people do.

    def log_in(self, name, password):
        self.go("/login")
        self.browser.run(f"document.querySelector('#name').value = {json.dumps(name)};"
                         f"document.querySelector('#password').value = {json.dumps(password)}")
        self.leave(lambda: self.browser.run("document.querySelector('main form button').click()"))

    def hand_in(self, program, mode):
        self.go("/labs/L03")
        self.choose({"pre.py": program})
        self.leave(lambda: self.browser.run(f"document.querySelector('button[value={mode}]').click()"))
        self.expect(self.at().startswith("/submissions/"), f"{mode}: leads to the submission")
        self.expect(self.browser.wait("document.querySelector('[data-done]')", 90), f"{mode}: the result comes by itself")

    def learner(self):
        browser = self.browser
        browser.resize(1280, 900)
        self.go("/")
        self.expect(self.at() == "/login", "strangers come to the log-in")
        self.accessible("log-in")
        self.shot("login-light")
        self.log_in("anna", "wrong password")
        self.expect("wrong" in self.text() and self.at() == "/login", "a wrong password is refused")
        browser.events.clear()
        self.log_in("anna", "long enough one")
        self.expect(self.at() == "/", "a right one leads to the course")
        self.accessible("course")
        self.shot("course-light")
        self.go("/labs/L03")
        self.expect("bilinear" in self.text() and "Layout" in self.text(), "L03 can be read")
        self.accessible("L03")
        self.shot("lab-light")
        self.hand_in(self.wrong, "check")
        text = self.text()
        self.expect("red and blue are swapped" in text, "the diagnosis is the right one")
        self.expect("vitrine lab replay" in text and "smallest witness" in text, "witness and replay are named")
        picture = ("(i => i && i.complete && i.naturalWidth > 0 && i.alt.length > 10)"
                   "(document.querySelector('figure.witness img'))")
        self.expect(browser.wait(picture, 10), "the picture of the failed case is shown")
        self.accessible("failed check")
        self.shot("failed-light")
        self.quiet("failed check")
        self.hand_in(self.right, "submit")
        self.expect("20/20" in self.text() and "Every check passed" in self.text(), "the repaired program passes")
        self.shot("passed-light")
        self.go("/report")
        self.expect("T1" in self.text() and "L03" in browser.run("document.querySelector('main').textContent"),
                    "the report rests on L03")
        self.accessible("report")
        self.shot("report-light")
        self.quiet("learner")

    def languages(self):
        browser = self.browser
        self.go("/labs/L03")
        self.leave(lambda: browser.run("document.querySelector('header button[name=language]').click()"))
        self.expect(self.at() == "/labs/L03", "switching the language stays on the page")
        self.expect(browser.run("document.documentElement.lang") == "zh-Hans" and "预处理" in self.text(),
                    "the page is Chinese")
        self.accessible("L03 in Chinese")
        browser.resize(1280, 900, True)
        for name, path in (("course", "/"), ("lab", "/labs/L03"), ("why", "/why/W9"), ("report", "/report")):
            self.go(path)
            self.expect(browser.run("document.documentElement.lang") == "zh-Hans", f"{name} stays Chinese")
            self.shot(f"{name}-zh-dark")
        self.quiet("Chinese")

    def why(self):
        browser = self.browser
        browser.resize(1280, 900)
        self.go("/why/W9")
        moved = browser.run("""(() => { const move = (id, to) => { const s = document.getElementById(id + '-slider'); s.value = to;
          s.dispatchEvent(new Event('input')); return document.getElementById(id).value; };
          return [move('value', 20), move('margin', 3)]; })()""")
        self.expect(moved == ["20", "3"], f"sliders move the number and the interval {moved}")
        browser.run("document.querySelector('#because').value = 'two tens of size'")
        self.leave(lambda: browser.run("document.querySelector('main form button').click()"))
        self.expect(browser.wait("document.querySelector('[data-done] table')", 120), "the experiment's data come")
        self.expect("inside of your own interval" in self.text(), "the interval is judged")
        self.expect(browser.run("!document.querySelector('button.main')?.textContent.includes('Lock it')"),
                    "the prediction cannot be changed")
        drawn = "[...document.querySelectorAll('.chart')].every(e => e.hasAttribute('data-drawn'))"
        if browser.run("Boolean(window.Plotly)"):
            self.expect(browser.wait(f"document.querySelector('.chart') && {drawn}", 20), "the data are drawn")
        # A slider is moved: this question wants a prediction for it.
        moved = browser.run("""(() => { const s = document.getElementById('set-spread-slider'); s.value = 10;
          s.dispatchEvent(new Event('input')); return document.getElementById('set-spread').value; })()""")
        self.expect(moved == "10", f"the slider moves the setting {moved}")
        browser.run("document.querySelector('#value').value = 10; document.querySelector('#margin').value = 2;"
                    "document.querySelector('#because').value = 'one ten'")
        self.leave(lambda: browser.run("document.querySelector('form[action$=trials] button').click()"))
        self.expect(browser.wait("document.querySelector('[data-done] #runs')", 120) and "spread=10" in self.text(),
                    "the changed run stands beside the first")
        if browser.run("Boolean(window.Plotly)"):
            browser.run("document.querySelectorAll('.chart').forEach(e => e.scrollIntoView())")
            self.expect(browser.wait(f"document.querySelectorAll('.chart').length === 2 && {drawn}", 20),
                        "both runs are drawn, and what the setting did")
            names = browser.run("[...document.querySelectorAll('.chart')][0].data.map(d => d.name)")
            self.expect(len(names) == 4 and any("spread=10" in n for n in names), f"each run has its lines {names}")
        self.shot("why-answered")
        # One that takes long is ended on request, and without motion until then.
        self.go("/why/W2")
        browser.run("document.querySelector('#value').value = 2; document.querySelector('#because').value = 'a guess'")
        self.leave(lambda: browser.run("document.querySelector('main form button').click()"))
        self.expect(browser.run("Boolean(document.querySelector('.spinner'))"), "a run is under way")
        found = lab_pages.broken(browser, "en")
        self.expect(not found, f"a page under way keeps the rules {found}")
        self.shot("why-running")
        self.leave(lambda: browser.run("document.querySelector('form[action$=cancel] button').click()"))
        self.expect(browser.wait("document.querySelector('[data-done]') || !document.querySelector('.spinner')", 60),
                    "a run is ended on request")
        self.go("/why/W2")
        self.expect("it was cancelled" in self.text(), "and says so")
        self.quiet("why")

    def tools(self):
        """A network of the learner's own: uploaded, looked into, deleted; a file that is none is refused in words."""
        browser = self.browser
        model = pathlib.Path(self.folder, "mine.onnx")
        sample = self.course.parent / "Samples/shapes-yolov5n.pt"
        subprocess.run([self.vitrine, "export", str(sample), "-o", str(model), "--imgsz", "160"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        broken = pathlib.Path(self.folder, "broken.onnx")
        broken.write_bytes(model.read_bytes()[:5000])
        for path, good in ((model, True), (broken, False)):
            self.go("/tools")
            root = browser.call("DOM.getDocument")["root"]["nodeId"]
            node = browser.call("DOM.querySelector", nodeId=root, selector="#document")["nodeId"]
            browser.call("DOM.setFileInputFiles", nodeId=node, files=[str(path)])
            self.leave(lambda: browser.run("document.querySelector('main form button').click()"))
            self.expect(browser.wait("document.querySelector('[data-done]')", 120), f"{path.name} is looked at")
            found = browser.run("document.querySelector('[data-done] a')?.getAttribute('href')")
            self.expect(bool(found) == good, f"{path.name}: a page, or a reason: {self.text()[:200]}")
            setattr(self, "look" if good else "refused", self.at())
            if not good:
                self.expect("onnx." in self.text(), "the reason has a name")
                self.shot("tools-refused")
        self.quiet("tools")
        browser.call("Page.navigate", url=self.address + self.look + "/page")
        self.expect(browser.wait("document.body?.hasAttribute('data-ready')", 60), "the page of a network is built")
        self.expect(browser.wait("document.querySelectorAll('[data-tool=structure] .stage').length >= 2", 60),
                    "its structure is shown before and after")
        browser.run("document.querySelector('[data-tool=heatmap]')?.scrollIntoView()")
        self.expect(browser.run("document.body.textContent.includes('native') && "
                                "Boolean(document.querySelector('[data-tool=heatmap]'))"), "and where its time goes")
        self.shot("tools-page")
        browser.events.clear()
        self.go("/tools")
        self.expect("mine.onnx" in self.text(), "it stays on the learner's list")

    def matrix(self, pages, prefix=""):
        """Every page in both languages, light and dark, at two widths."""
        browser = self.browser
        for language in ("en", "zh-Hans"):
            browser.call("Network.setCookie", url=self.address, name="vitrine_language", value=language,
                         httpOnly=True, sameSite="Strict")
            for width, height in ((1280, 900), (360, 740)):
                for dark in (False, True):
                    browser.resize(width, height, dark)
                    for name, path in pages:
                        self.go(path)
                        place = f"{prefix}{name}-{language}-{'dark' if dark else 'light'}-{width}"
                        problems = lab_pages.broken(browser, language)
                        self.expect(not problems, f"{place} keeps the rules {problems or ''}")
                        self.shot(place)
            browser.events.clear()
        browser.call("Network.setCookie", url=self.address, name="vitrine_language", value="en", httpOnly=True,
                     sameSite="Strict")
        browser.resize(1280, 900)

    def rules_can_fail(self):
        """Each rule finds what it is there for: a page is damaged in one way after the other."""
        damage = {
            "contrast": "document.querySelector('.lead').style.color = '#999'",
            "names": "document.querySelector('h1').outerHTML = '<h4>x</h4>'",
            "width": "document.querySelector('.lead').style.cssText = 'max-width: none; width: 3000px'",
            "motion": "document.querySelector('.lead').animate([{ opacity: 1 }, { opacity: .9 }], { duration: 1e6 })",
            "focus": "document.querySelector('.panel button').style.outline = 'none'",
            "language": "document.documentElement.lang = 'fr'",
        }
        for rule, script in damage.items():
            self.go("/why/W6")
            self.browser.run(script)
            found = [problem.split(":")[0] for problem in lab_pages.broken(self.browser, "en")]
            self.expect(rule in found, f"the rule of {rule} finds a damaged page {found}")

    def learner_pages(self):
        failed = self.browser.run("fetch('/labs/L03').then(a => a.text()).then(t => [...new DOMParser()"
                                  ".parseFromString(t, 'text/html').querySelectorAll('[aria-labelledby=earlier] a')]"
                                  ".map(a => a.getAttribute('href')))")
        self.matrix([("course", "/"), ("lab", "/labs/L03"), ("passed", failed[0]), ("failed", failed[-1]),
                     ("questions", "/why"), ("question", "/why/W6"), ("answered", "/why/W9"), ("cancelled", "/why/W2"),
                     ("tools", "/tools"), ("look", self.look), ("refused", self.refused), ("report", "/report"),
                     ("account", "/account"), ("missing", "/labs/L99"), ("forbidden", "/teacher")])

    def keyboard(self):
        """Log-in, course, lab, handing in and reading the result without a mouse."""
        browser = self.browser
        browser.resize(1280, 900)
        self.go("/")
        self.press("Tab")
        self.expect(browser.run("document.activeElement.className") == "skip", "the first stop skips to the content")
        self.leave(lambda: browser.run("document.querySelector('form[action=\"/logout\"] button').click()"))
        self.expect(self.at() == "/login", "logging out leads to the log-in")
        browser.run("document.querySelector('#name').focus()")
        self.type("ben")
        self.press("Tab")
        self.type("another long one")
        self.leave(lambda: self.press("Enter", "\r"))
        self.expect(self.at() == "/", "Enter logs in")
        self.expect(self.tab_to("e.tagName === 'A' && e.getAttribute('href') === '/labs/L03'"), "Tab reaches L03")
        visible = browser.run("getComputedStyle(document.activeElement).outlineStyle !== 'none'")
        self.expect(visible, "the focus is seen")
        self.leave(lambda: self.press("Enter", "\r"))
        self.choose({"pre.py": self.right})
        self.expect(self.tab_to("e.id === 'files'"), "Tab reaches the files")
        self.expect(self.tab_to("e.value === 'check'"), "Tab reaches the button")
        self.leave(lambda: self.press("Enter", "\r"))
        self.expect(browser.wait("document.querySelector('[data-done]')", 90) and
                    browser.run("document.querySelector('#live').getAttribute('aria-live')") == "polite",
                    "the result comes and is announced")
        self.expect(browser.wait("document.querySelector('#live').getAttribute('aria-busy') === 'false'", 10),
                    "the result says that it is whole")
        self.quiet("keyboard")
        # Another learner's submission is not there.
        answer = browser.run(f"fetch({json.dumps(self.last)}).then(a => a.status)")
        self.expect(answer == 404, f"another learner's submission is not there ({answer})")
        answer = browser.run("fetch('/teacher').then(a => a.status)")
        self.expect(answer == 403, "learners do not see the teacher's page")
        browser.events.clear()

    def teacher(self):
        browser = self.browser
        browser.resize(1280, 900, True)
        self.leave(lambda: browser.run("document.querySelector('form[action=\"/logout\"] button').click()"))
        self.log_in("wu", "teachers own words")
        self.go("/teacher")
        text = self.text()
        self.expect("anna" in text and "20/20" in text, "the teacher sees who passed")
        self.accessible("cohort")
        self.shot("teacher-dark")
        self.leave(lambda: browser.run("[...document.querySelectorAll('main a')].find(a => a.text === 'anna').click()"))
        self.expect("T1" in self.text(), "the teacher sees the report")
        self.accessible("learner of a teacher")
        browser.run("""(() => { const f = document.querySelector('#e2 form'); f.closest('details').open = true;
          f.level.value = '3'; f.reason.value = 'README was followed by two others'; })()""")
        self.leave(lambda: browser.run("document.querySelector('#e2 form button').click()"))
        self.expect("README was followed" in self.text() and "wu" in self.text(), "an override shows its reason and author")
        self.shot("learner-of-teacher-dark")
        browser.resize(360, 740)
        self.go("/teacher")
        self.expect(browser.run("document.documentElement.scrollWidth <= 361"), "the cohort fits a phone")
        self.shot("teacher-phone")
        self.quiet("teacher")

    def account(self):
        """Another password ends the sessions that are open elsewhere."""
        browser = self.browser
        old = next(c["value"] for c in browser.call("Network.getCookies", urls=[self.address])["cookies"]
                   if c["name"] == "vitrine_session")
        self.go("/account")
        browser.run("document.querySelector('#old').value = 'another long one';"
                    "for (const id of ['new', 'again']) document.getElementById(id).value = 'a third long one'")
        self.leave(lambda: browser.run("document.querySelector('main form button').click()"))
        self.expect(self.at() == "/", "a password is changed")
        def report(session):
            connection = http.client.HTTPConnection(self.address.split("//")[1], timeout=30)
            connection.request("GET", "/report", headers={"Cookie": f"vitrine_session={session}"})
            return connection.getresponse().status
        new = next(c["value"] for c in browser.call("Network.getCookies", urls=[self.address])["cookies"]
                   if c["name"] == "vitrine_session")
        self.expect((report(old), report(new)) == (303, 200), "the old session has ended, the new one lives")

    def teacher_pages(self):
        place = self.browser.run("fetch('/teacher').then(a => a.text()).then(t => new DOMParser()"
                                 ".parseFromString(t, 'text/html').querySelector('main a[href^=\"/teacher/\"]')"
                                 ".getAttribute('href'))")
        self.matrix([("cohort", "/teacher"), ("learner", place)], "teacher-")

    def check(self):
        self.matrix([("login", "/login")])
        self.learner()
        self.go("/labs/L03")
        self.last = self.browser.run("document.querySelector('[aria-labelledby=earlier] a').getAttribute('href')")
        self.why()
        self.tools()
        self.rules_can_fail()
        self.languages()
        self.learner_pages()
        self.keyboard()
        self.account()
        self.teacher()
        self.teacher_pages()


def start(vitrine, course, data):
    """A server with three users on a free port."""
    environment = dict(os.environ, VITRINE_DATA=data, VITRINE_COURSE=str(course))
    for name, password, flags in (("anna", "long enough one", []), ("ben", "another long one", []),
                                  ("wu", "teachers own words", ["--teacher"])):
        subprocess.run([vitrine, "lab", "user", "add", name, *flags, "--data", data], input=password + "\n",
                       text=True, check=True, env=environment, stdout=subprocess.DEVNULL)
    # Weaker isolation is accepted only where the machine has no name spaces, and the server says so.
    for flags in ([], ["--allow-weak-isolation"]):
        server = subprocess.Popen([vitrine, "lab", "serve", "--port", "0", "--json", "--data", data, *flags],
                                  env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        document = ""
        while not document.rstrip().endswith("}"):
            line = server.stdout.readline()
            if not line:
                break
            document += line
        else:
            threading.Thread(target=server.stderr.read, daemon=True).start()
            break
        complaint = server.stderr.read()
        if flags or "name spaces" not in complaint:
            raise RuntimeError("the server ended: " + complaint)
    return server, json.loads(document)["url"].rstrip("/")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vitrine", required=True)
    parser.add_argument("--course", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent / "Course")
    parser.add_argument("--screenshots", type=pathlib.Path)
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("chromium-browser"))
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    if not options.chromium:
        print("check_lab: chromium is not installed", file=sys.stderr)
        return 69
    if options.screenshots:
        options.screenshots.mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="vitrine-lab-")
    server = browser = None
    try:
        server, address = start(options.vitrine, options.course, folder + "/data")
        browser = Browser(options.chromium)
        for domain in ("Page", "Runtime", "Network", "Log", "DOM"):
            browser.call(f"{domain}.enable")
        check = LabCheck(browser, address, options.course, folder, options.screenshots, options.vitrine)
        try:
            check.check()
        except RuntimeError as error:
            check.problems.append(f"at {check.at()}: {error}\n{check.text()[:500]}")
        server.send_signal(signal.SIGTERM)
        try:
            check.expect(server.wait(20) == 0, "the server ends on request with code 0")
        except subprocess.TimeoutExpired:
            check.problems.append("the server does not end on request")
    finally:
        if browser:
            browser.close()
        if server and server.poll() is None:
            server.kill()
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"web lab: {len(check.done)} hold, {len(check.problems)} do not")
    for problem in check.problems:
        print(f"  ✗ {problem}")
    if options.verbose:
        for done in check.done:
            print(f"  ✓ {done}")
    return 1 if check.problems else 0


if __name__ == "__main__":
    sys.exit(main())
