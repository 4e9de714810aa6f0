"""Breaks paperhouse on purpose and prints outcome: `make faults TIMES=20`. A seed gives the same faults
again."""

import argparse
import sys
import tempfile
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from tests.faults.faults import FAULTS, Trial
from tests.faults.harness import make_templates, seeded


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="how often each fault is tried")
    parser.add_argument(
        "--attempts",
        type=int,
        default=4,
        help="of kills and of full disks, at one home, one after the other, before it is let recover",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="only the faults whose names hold this")
    parser.add_argument("--source", default="hf_listing", help="whose new files are taken in; or arxiv_source")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=600, help="after so many minutes no further trial begins")
    options = parser.parse_args()
    ends = time.monotonic() + 60 * options.minutes
    names = [name for name in FAULTS if options.only in name]
    outcomes: dict[str, Counter[str]] = {name: Counter() for name in names}
    with tempfile.TemporaryDirectory(prefix="paperhouse-faults-") as top, ThreadPoolExecutor(options.workers) as pool:
        templates, expected = make_templates(Path(top), options.source)

        def attempt(name: str, number: int) -> None:
            if time.monotonic() > ends:
                return
            with tempfile.TemporaryDirectory(dir=top, prefix="trial-") as folder:
                trial = Trial(templates, expected, Path(folder), seeded(options.seed, name, number), options.attempts)
                try:
                    outcome = FAULTS[name](trial)
                except Exception:
                    outcome = Counter(["FAILED"])
                    print(f"{name}, trial {number}:\n{traceback.format_exc()}", file=sys.stderr, flush=True)
                outcomes[name] += outcome
                print(f"{datetime.now():%T} {name}, trial {number}: {dict(outcome)}", file=sys.stderr, flush=True)

        # Each fault once before any a second time: a run that is cut short has tried all.
        for number in range(options.times):
            waiting = [name for name in names if outcomes[name].total() < options.times]
            list(pool.map(attempt, waiting, [number] * len(waiting)))
    print("| fault | times | outcome |\n| --- | --- | --- |")
    for name in names:
        counts = "; ".join(f"{outcome} ({count})" for outcome, count in outcomes[name].most_common())
        print(f"| {name} | {outcomes[name].total()} | {counts} |")
    sys.exit(any("FAILED" in outcomes[name] for name in names))


if __name__ == "__main__":
    main()
