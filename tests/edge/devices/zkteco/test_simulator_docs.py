"""Every option, command and fault mode of the simulator stands in the reference, and nothing else does."""

import re
from pathlib import Path

import pytest
import typer.main

from clockbridge.simulate import app
from edge.devices.zkteco.simulator.control import COMMANDS
from edge.devices.zkteco.simulator.faults import FAULTS

PAGE = (Path(__file__).parents[4] / "docs" / "reference" / "simulator.md").read_text()


def section(title):
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_cells(text):
    return [cell.replace("\\|", "|") for cell in re.findall(r"^\| `((?:[^`])+)`", text, re.MULTILINE)]


def test_given_the_options_when_compared_with_the_reference_then_the_same_with_their_defaults():
    command = typer.main.get_command(app).commands["zkteco"]
    options = {option.opts[0]: option.default for option in command.params if option.name != "help"}
    rows = dict(re.findall(r"^\| `(--[a-z-]+)` \| ([^|]*)\|", section("Options"), re.MULTILINE))

    assert set(rows) == set(options)
    for name, default in options.items():
        if default is not None and default != []:
            assert rows[name].strip() == str(default)


def test_given_the_commands_when_compared_with_the_reference_then_the_same():
    assert first_cells(section("Commands")) == [command.form for command in COMMANDS.values()]


def test_given_the_fault_modes_when_compared_with_the_reference_then_the_same_in_the_same_order():
    assert first_cells(section("Fault modes")) == list(FAULTS)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_given_a_fault_mode_when_looked_up_then_value_and_effect_are_right(fault):
    value = "—" if fault.default is True else str(fault.default)

    assert f"| `{fault.name}` | {value} | {fault.summary} |" in PAGE
