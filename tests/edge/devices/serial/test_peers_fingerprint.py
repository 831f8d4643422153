"""Two independent libraries work the simulated fingerprint module: what they understand, a real one's client understands."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from edge.devices.serial.simulator import ModuleModel, ModulePort
from edge.devices.serial.simulator.module import features_of

PEERS = Path(__file__).parents[3] / "peers"


@pytest.mark.parametrize("peer", ["pyfingerprint", "adafruit"])
def test_given_an_independent_client_when_it_enrols_searches_and_moves_a_template_then_all_of_it_works(peer):
    with ModulePort(ModuleModel(finger="wang-left")) as part:
        done = subprocess.run([sys.executable, PEERS / f"fingerprint_{peer}.py", part.port], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)

        assert found["password"] is True
        assert (found["capacity"], found["packet"], found["search"]) == (200, 128, [6, 180])
        assert found["template"] == features_of("wang-left").hex() * 2
        assert (found["index"], found["left"]) == ([6, 9], 1)
        assert part.model.templates == {9: features_of("wang-left") * 2}
