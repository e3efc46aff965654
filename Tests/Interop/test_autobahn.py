"""The Autobahn test suite (fuzzing client) against the WebSocket echo of interop-server."""

import json
import os
import shlex
import shutil
import subprocess
import tempfile
import unittest

from harness import SCRATCH, Server, need

GOOD = {"OK", "NON-STRICT", "INFORMATIONAL"}
GOOD_CLOSE = {"OK", "INFORMATIONAL"}
RUN = "import sys; from autobahntestsuite.wstest import run; sys.argv = ['wstest', '-m', 'fuzzingclient', '-s', 'spec.json']; run()"


class Autobahn(unittest.TestCase):
    def check(self, cases, at_least, **options):
        # A Python 2.7 that can import the suite; Tests/run makes it and says where it is.
        python = shlex.split(os.environ.get("AUTOBAHN_PYTHON", ""))
        need(python and shutil.which(python[0]), "no Python 2.7 with the Autobahn suite (AUTOBAHN_PYTHON)")
        server = Server(**options)
        self.addCleanup(server.kill)
        SCRATCH.mkdir(parents=True, exist_ok=True)
        folder = tempfile.mkdtemp(dir=SCRATCH, prefix="autobahn-")
        specification = {
            "outdir": "report",
            "servers": [{"agent": "server", "url": f"ws://127.0.0.1:{server.port}/ws-echo"}],
            "cases": cases,
            "exclude-cases": [],
            "exclude-agent-cases": {},
        }
        with open(os.path.join(folder, "spec.json"), "w") as file:
            json.dump(specification, file)
        with open(os.path.join(folder, "wstest.log"), "w") as log:
            ending = subprocess.run(
                [*python, "-W", "ignore", "-c", RUN], cwd=folder, stdout=log, stderr=subprocess.STDOUT, timeout=300
            )
        # The exit status is 0 whatever the cases did, so the report decides; other values are trouble with the suite.
        self.assertEqual(ending.returncode, 0, f"see {log.name}")
        with open(os.path.join(folder, "report", "index.json")) as file:
            report = json.load(file)["server"]
        self.assertGreaterEqual(len(report), at_least, f"cases that ran; see {log.name}")
        bad = {
            case: f"{result['behavior']}, close {result['behaviorClose']}"
            for case, result in report.items()
            if result["behavior"] not in GOOD or result["behaviorClose"] not in GOOD_CLOSE
        }
        self.assertEqual(bad, {}, f"see {folder}/report")
        server.assert_alive(self)

    def test_framing_utf8_and_close_handshake(self):
        self.check([f"{group}.*" for group in (1, 2, 3, 4, 5, 6, 7, 10)], at_least=240)

    def test_large_messages(self):
        self.check(["9.*"], at_least=52)

    def test_compressed_messages(self):
        # Of the 18 cases of each group, a thousand messages each, the two that are smallest: the large ones take minutes each.
        groups = [f"{part}.{group}" for part, count in ((12, 5), (13, 7)) for group in range(1, count + 1)]
        cases = [f"{group}.{case}" for group in groups for case in (1, 2)]
        self.check(cases, at_least=len(cases), compress=1)
        # With windows that go on.
        self.check([case for case in cases if case.startswith("13.")], at_least=14, compress="on")


if __name__ == "__main__":
    unittest.main()
