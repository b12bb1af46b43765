"""A headless Chromium, driven over its debugging pipe: keys, screen size, colours, scripts.

The pipe needs no library: JSON messages, each ended by a NUL byte, on file descriptors 3 and 4.
"""

import json
import os
import shutil
import subprocess
import time
from contextlib import contextmanager

__all__ = ["PROGRAM", "Page", "page"]

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--no-first-run", "--disable-dev-shm-usage", "--remote-debugging-pipe"),
)
_KEYS = {"Tab": 9, "Enter": 13}


class Page:
    """One tab."""

    def __init__(self, write, read):
        self._write, self._read = write, read
        self._number, self._session, self._rest = 0, None, b""

    def send(self, method, **parameters):
        """Sends a command; returns its result. Events in between are passed over."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def _next(self):
        while b"\0" not in self._rest:
            data = os.read(self._read, 1 << 16)
            assert data, "Chromium has gone"
            self._rest += data
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def attach(self):
        """Opens the tab."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        made = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = made["sessionId"]
        self.send("Page.enable")
        self.send("Emulation.setFocusEmulationEnabled", enabled=True)

    def open(self, url):
        """Goes to an address and waits until the document is complete."""
        self.send("Page.navigate", url=url)
        self.wait(f"location.href == {json.dumps(url)} && document.readyState == 'complete'")

    def ask(self, script):
        """The value of a JavaScript expression in the page."""
        made = self.send("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in made, made
        return made["result"].get("value")

    def wait(self, script, seconds=60):
        """Waits until an expression is true."""
        end = time.monotonic() + seconds
        while not self.ask(script):
            assert time.monotonic() < end, script
            time.sleep(0.05)

    def press(self, key):
        """Presses and releases Tab or Enter."""
        code = {"windowsVirtualKeyCode": _KEYS[key], "key": key, "code": key}
        text = {"text": "\r"} if key == "Enter" else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", **code, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", **code)

    def write(self, text):
        """Types into what has the focus."""
        self.send("Input.insertText", text=text)


@contextmanager
def page(profile):
    """A tab of a browser of its own, which ends with the block."""
    theirs, ours = os.pipe()
    back, forth = os.pipe()
    command = f'exec "$@" 3<&{theirs} 4>&{forth}'
    words = [PROGRAM, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
    with subprocess.Popen(
        ["bash", "-c", command, "chromium", *words],
        pass_fds=(theirs, forth),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(theirs)
        os.close(forth)
        tab = Page(ours, back)
        try:
            tab.attach()
            yield tab
        finally:
            process.terminate()
            os.close(ours)
            os.close(back)
