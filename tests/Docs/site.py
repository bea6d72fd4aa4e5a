#!/usr/bin/env python3
"""Looks at the built site in a headless Chromium: tests/Docs/site.py [FOLDER [SCREENSHOTS]]

Every page is opened at the width of a telephone and of a desktop: no error in the console, nothing that is loaded from another host,
no picture missing, nothing wider than the window or clipped. At both widths a word is typed into the search and its first hit is followed. With
SCREENSHOTS, a picture of each page is written there. Exit status 77: there is no Chromium."""

import base64
import functools
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WIDTHS = (400, 1400)
WORD = "certificate"


class Chromium:
    """A browser that is driven over a pipe (Chrome DevTools Protocol): one JSON text per message, each ended by a zero byte."""

    def __init__(self, program, profile):
        (read_here, write_there), (read_there, write_here) = os.pipe(), os.pipe()

        def pass_pipes():
            # High numbers first: one of them may be 3 or 4 itself.
            far = [os.dup2(fd, number) for fd, number in ((read_there, 103), (write_there, 104))]
            os.dup2(far[0], 3)
            os.dup2(far[1], 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
             "--no-first-run", "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=pass_pipes, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(read_there)
        os.close(write_there)
        self.read, self.write = os.fdopen(read_here, "rb"), os.fdopen(write_here, "wb")
        self.number, self.events, self.answers, self.session = 0, [], {}, None
        self.arrived = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def _listen(self):
        data = b""
        while chunk := self.read.read1(1 << 16):
            *messages, data = (data + chunk).split(b"\0")
            with self.arrived:
                for message in map(json.loads, messages):
                    if "id" in message:
                        self.answers[message["id"]] = message
                    else:
                        self.events.append(message)
                self.arrived.notify_all()

    def call(self, method, **params):
        self.number += 1
        number = self.number
        message = {"id": number, "method": method, "params": params} | ({"sessionId": self.session} if self.session else {})
        self.write.write(json.dumps(message).encode() + b"\0")
        self.write.flush()
        with self.arrived:
            if not self.arrived.wait_for(lambda: number in self.answers, 60):
                raise SystemExit(f"Chromium did not answer {method}.")
            answer = self.answers.pop(number)
        if "error" in answer:
            raise SystemExit(f"{method}: {answer['error']}")
        return answer["result"]

    def value(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise SystemExit(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def until(self, expression, what):
        end = time.monotonic() + 30
        while not (value := self.value(expression)):
            if time.monotonic() > end:
                raise SystemExit(f"FAILED: {what} did not come: {expression}")
            time.sleep(0.05)
        return value

    def open(self, address, width):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 700)
        self.call("Page.navigate", url=address)
        self.until(f"location.href.split('#')[0] == {json.dumps(address.split('#')[0])} && document.readyState == 'complete'", address)

    def problems(self):
        """What the pages since the last call said that they should not."""
        with self.arrived:
            events, self.events = self.events, []
        for event in events:
            params = event.get("params", {})
            if event["method"] == "Runtime.exceptionThrown":
                yield "exception: " + params["exceptionDetails"]["text"]
            elif event["method"] == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
                yield "console: " + " ".join(str(a.get("value", a.get("description"))) for a in params["args"])
            elif event["method"] == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
                yield f"log: {params['entry']['text']} {params['entry'].get('url', '')}"
            elif event["method"] == "Network.requestWillBeSent" and not params["request"]["url"].startswith(("http://127.0.0.1:", "data:", "blob:")):
                yield "another host: " + params["request"]["url"]


LOOK = """(() => {
    const bad = [...document.images].filter(i => i.complete && !i.naturalWidth).map(i => 'picture missing: ' + i.src);
    const wide = document.documentElement.scrollWidth - innerWidth;
    if (wide > 0) bad.push('wider than the window by ' + wide + ' pixels');
    // On a telephone a wide table scrolls by itself.
    for (const box of innerWidth < 700 ? [] : document.querySelectorAll('.md-typeset__scrollwrap, .md-typeset pre > code'))
        if (box.scrollWidth > box.clientWidth + 1) bad.push('clipped by ' + (box.scrollWidth - box.clientWidth) + ' pixels: ' + box.innerText.slice(0, 60));
    return bad;
})()"""


def main():
    site = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "artifacts/site"
    pictures = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        print("The site was NOT LOOKED AT: Chromium is not installed (Debian: apt install chromium).")
        return 77
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}/"
    pages = sorted("" if p.parent == site else str(p.parent.relative_to(site)) + "/" for p in site.rglob("index.html"))
    passed, failed = 0, 0

    def check(what, problems):
        nonlocal passed, failed
        problems = list(problems)
        passed, failed = passed + (not problems), failed + bool(problems)
        for problem in problems:
            print(f"FAILED: {what}: {problem}")

    with tempfile.TemporaryDirectory(prefix="p2pcopy-site-", ignore_cleanup_errors=True) as profile:
        browser = Chromium(program, profile)
        try:
            for width in WIDTHS:
                for page in pages:
                    browser.open(base + page, width)
                    looks = browser.value(LOOK)
                    if pictures:
                        picture = browser.call("Page.captureScreenshot", captureBeyondViewport=False)["data"]
                        (pictures / f"{width}-{page.strip('/').replace('/', '-') or 'index'}.png").write_bytes(base64.b64decode(picture))
                    check(f"{page or '/'} at {width}", [*looks, *browser.problems()])

                browser.open(base, width)
                if width < 700:
                    browser.value("document.querySelector('.md-header label[for=__search]').click()")
                browser.value("document.querySelector('input.md-search__input').focus()")
                browser.until("!document.querySelector('.md-search-result__meta').textContent.includes('Initializing')", "the search")
                browser.call("Input.insertText", text=WORD)
                hit = browser.until("document.querySelector('.md-search-result__item a')?.href", f"a hit for {WORD} at {width}")
                browser.value("document.querySelector('.md-search-result__item a').click()")
                browser.until(f"location.pathname != '/' && document.readyState == 'complete' && document.querySelector('article')?.innerText.toLowerCase().includes('{WORD}')", hit)
                check(f"the search at {width}", browser.problems())
        finally:
            browser.process.kill()
            browser.process.wait()
            server.shutdown()
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
