"""The systemd units, as systemd itself reads them in a root folder of their own."""

import re
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest

from testbed import ROOT
from tests.system.deploy.commands import COMMANDS

FOLDER = ROOT / "deploy" / "systemd"
SERVICES = {"web": "gait-api", "worker": "gait-worker@", "sampler": "gait-sampler", "scheduler": "gait-scheduler"}
"""The unit of each process."""
GAIT = "opt/gait/bin/gait"
SYSTEMS_OWN = ("sysinit", "basic", "shutdown", "network-online", "multi-user")
MAX_EXPOSURE = "30"
"""In tenths."""

has_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")


def unit(name: str) -> RawConfigParser:
    read = RawConfigParser(strict=False)
    read.optionxform = str  # type: ignore[assignment,method-assign] # keys keep their case
    read.read(FOLDER / f"{name}.service")
    return read


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a root folder with the units installed, and empty ones of the system's own."""
    made = tmp_path_factory.mktemp("root")
    units = made / "etc/systemd/system"
    shutil.copytree(FOLDER, units)
    for name in SYSTEMS_OWN:
        (units / f"{name}.target").write_text("[Unit]\nDescription=The system's\n")
    program = made / GAIT
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return made


def analyze(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", f"--root={root}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@has_systemd
def test_systemd_finds_no_fault_in_the_units(root: Path) -> None:
    services = [f"{name.replace('@', '@1')}.service" for name in SERVICES.values()]
    found = analyze(root, "verify", "gait.target", *services)
    assert (found.stdout + found.stderr, found.returncode) == ("", 0)


@has_systemd
@pytest.mark.parametrize("name", SERVICES.values())
def test_a_unit_is_little_exposed(root: Path, name: str) -> None:
    service = f"{name.replace('@', '@1')}.service"
    found = analyze(root, "security", "--offline=true", f"--threshold={MAX_EXPOSURE}", "--no-pager", service)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("process", COMMANDS)
def test_a_unit_starts_the_command_of_its_process(process: str) -> None:
    assert unit(SERVICES[process])["Service"]["ExecStart"] == f"/{GAIT} {COMMANDS[process]}"


@pytest.mark.parametrize("process", COMMANDS)
def test_secrets_reach_a_unit_as_credentials(process: str) -> None:
    text = (FOLDER / f"{SERVICES[process]}.service").read_text()
    loaded = set(re.findall(r"^LoadCredential=(\w+):/etc/gait/\w+$", text, re.MULTILINE))
    assert set(re.findall(r"_FILE=%d/(\w+)", text)) == loaded
    assert "REDIS_URL_FILE" in text
    assert not re.search("(REDIS_URL|DATABASE_URL|API_KEYS)=", text)


def test_an_enabled_unit_starts_and_stops_with_the_target() -> None:
    assert {unit(name)["Install"]["WantedBy"] for name in SERVICES.values()} == {"gait.target"}
    assert "PartOf=gait.target" in (FOLDER / "gait-.service.d" / "hardened.conf").read_text()


def test_the_users_of_the_units_are_made() -> None:
    made = re.findall(r"^u (\S+) ", (ROOT / "deploy" / "gait.sysusers.conf").read_text(), re.MULTILINE)
    assert {unit(name)["Service"]["User"] for name in SERVICES.values()} == set(made)


def test_only_the_sampler_may_run_in_real_time() -> None:
    allowed = {name for name in SERVICES.values() if "LimitRTPRIO" in unit(name)["Service"]}
    denied = {name for name in SERVICES.values() if "RestrictRealtime" in unit(name)["Service"]}
    assert (allowed, denied) == ({"gait-sampler"}, set(SERVICES.values()) - {"gait-sampler"})
