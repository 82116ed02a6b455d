"""Look for known vulnerabilities in lock files: `python -m local.audit FILE...`.

The exit status is 1 if there are findings or if the audit itself fails. It is 0 if the vulnerability data cannot be
reached, with a line that says so.
"""

import json
import subprocess
import sys
from typing import Any

UNREACHABLE = ("ConnectionError", "ProxyError", "ConnectTimeout", "ReadTimeout", "Could not connect")


def main(lock_files: list[str]) -> int:
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--disable-pip"]
    for lock_file in lock_files:
        command += ["--require-hashes", "--requirement", lock_file]
    audit = subprocess.run(command, capture_output=True, text=True, check=False)
    if audit.stdout:
        return report(json.loads(audit.stdout)["dependencies"])
    if any(sign in audit.stderr for sign in UNREACHABLE):
        print("pip-audit: the vulnerability data cannot be reached from here, so nothing was audited")
        return 0
    print(audit.stderr)
    return 1


def report(packages: list[dict[str, Any]]) -> int:
    """Print the findings, and return 1 if there are any."""
    findings = [(package, finding) for package in packages for finding in package.get("vulns", [])]
    for package, finding in findings:
        fixed = ", ".join(finding["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {finding['id']}, fixed in {fixed}: {finding['description']}")
    unknown = sum("skip_reason" in package for package in packages)
    if unknown == len(packages):
        print(f"pip-audit: the reachable data covers none of the {unknown} pinned versions, so nothing was audited")
        return 0
    audited = f"pip-audit: {len(packages) - unknown} packages audited, {len(findings)} known vulnerabilities"
    print(audited + (f"; the reachable data does not cover {unknown} pinned versions" if unknown else ""))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
