import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from sampler.inventory import limits
from tests.support.machine.sysfs import write

GIB = 1 << 30


@pytest.fixture
def cgroup(tmp_path: Path) -> Path:
    return tmp_path / "sys/fs/cgroup"


@pytest.fixture(autouse=True)
def no_container_and_all_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "settings", lambda: SimpleNamespace(container=None))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(os.cpu_count() or 1)), raising=False)


def group(folder: Path, *files: tuple[str, str | int]) -> None:
    for name, content in files:
        write(folder, **{name: content})


def own(root: Path, line: str) -> None:
    write(root, proc__self__cgroup=line)


def test_a_machine_that_reports_nothing_has_no_limits(tmp_path: Path) -> None:
    assert limits.describe(tmp_path) == dict.fromkeys(limits.FIELDS)


def test_the_tightest_limit_of_the_group_and_its_parents_counts(tmp_path: Path, cgroup: Path) -> None:
    own(tmp_path, "0::/system.slice/gait.service")
    write(cgroup / "system.slice/gait.service", **{"cpu.max": "max 100000", "memory.max": "max"})
    group(cgroup / "system.slice", ("cpu.max", "250000 100000"), ("memory.max", 8 * GIB))
    write(cgroup, **{"memory.max": 16 * GIB})
    found = limits.describe(tmp_path)
    assert (found["cpus"], found["memory"]) == (2.5, 8 * GIB)


def test_a_container_reads_its_own_group_at_the_top(tmp_path: Path, cgroup: Path) -> None:
    own(tmp_path, "0::/")
    group(cgroup, ("cpu.max", "50000 100000"), ("memory.max", GIB))
    assert limits.describe(tmp_path) | {"container": None} == {
        "cpus": 0.5,
        "memory": GIB,
        "container": None,
        "hypervisor": None,
    }


def test_version_1_has_a_tree_for_each_controller(tmp_path: Path, cgroup: Path) -> None:
    own(tmp_path, "7:cpuset:/\n4:memory:/docker/ab\n2:cpu,cpuacct:/docker/ab\n1:name=systemd:/x\n0::/x")
    write(cgroup / "cpu/docker/ab", **{"cpu.cfs_quota_us": 150_000, "cpu.cfs_period_us": 100_000})
    write(cgroup / "cpu", **{"cpu.cfs_quota_us": -1, "cpu.cfs_period_us": 100_000})
    write(cgroup / "memory/docker/ab", **{"memory.limit_in_bytes": 2 * GIB})
    write(cgroup / "memory", **{"memory.limit_in_bytes": 9_223_372_036_854_771_712})
    found = limits.describe(tmp_path)
    assert (found["cpus"], found["memory"]) == (1.5, 2 * GIB)


def test_version_1_without_limits_has_none(tmp_path: Path, cgroup: Path) -> None:
    own(tmp_path, "4:memory:/\n2:cpu,cpuacct:/")
    write(cgroup / "cpu", **{"cpu.cfs_quota_us": -1, "cpu.cfs_period_us": 100_000})
    write(cgroup / "memory", **{"memory.limit_in_bytes": 9_223_372_036_854_771_712})
    found = limits.describe(tmp_path)
    assert (found["cpus"], found["memory"]) == (None, None)


def test_a_smaller_affinity_is_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3}, raising=False)
    assert limits.describe(tmp_path)["cpus"] == 2


@pytest.mark.parametrize(
    ("file", "content", "runtime"),
    [
        (".dockerenv", "", "docker"),
        ("run/.containerenv", "", "podman"),
        ("proc/1/cgroup", "0::/kubepods/pod1/x", "kubepods"),
        ("proc/1/cgroup", "0::/init.scope", None),
    ],
)
def test_a_container_is_recognised_by_its_runtimes_files(
    tmp_path: Path, file: str, content: str, runtime: str | None
) -> None:
    write(tmp_path, **{file: content})
    assert limits.describe(tmp_path)["container"] == runtime


def test_a_container_may_name_its_runtime_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "settings", lambda: SimpleNamespace(container="systemd-nspawn"))
    assert limits.describe(tmp_path)["container"] == "systemd-nspawn"
