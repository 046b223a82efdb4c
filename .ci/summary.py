"""Sum up JUnit files: exit 1 when no test ran, one failed, or one was skipped for want of browser, compiler, Spark."""

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

MUST_BE_HERE = re.compile(r"chromium|playwright|browser|gcc|compiler|\bjava\b|pyspark", re.IGNORECASE)


def main(paths: list[Path]) -> int:
    """Print the counts and every skip with its reason; return the exit code."""
    missing = [path for path in paths if not path.exists()]
    if missing:
        print(f"{missing[0]} is missing: its tests did not run.", file=sys.stderr)
        return 1
    cases = [case for path in paths for case in ET.parse(path).getroot().iter("testcase")]
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    skipped = [(case, skip.get("message") or "") for case in cases if (skip := case.find("skipped")) is not None]
    forbidden = [(case, reason) for case, reason in skipped if MUST_BE_HERE.search(reason)]
    n_passed = len(cases) - len(failed) - len(skipped)
    print(f"{n_passed} passed, {len(failed)} failed, {len(skipped)} skipped")
    for case in failed:
        print(f"  failed:  {case.get('classname')}::{case.get('name')}")
    for case, reason in skipped:
        print(f"  skipped: {case.get('classname')}::{case.get('name')}: {reason}")
    for case, reason in forbidden:
        print(f"  must not be skipped here: {case.get('name')}: {reason}", file=sys.stderr)
    if n_passed == 0:
        print("No test ran.", file=sys.stderr)
    return int(bool(failed or forbidden or n_passed == 0))


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))
