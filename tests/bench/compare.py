"""What two builds of the functions take, measured in turn by the same benchmark, as a table.

    git worktree add /tmp/before COMMIT
    (cd /tmp/before && cargo build --release --bin api --bin deliver --bin ingest --bin sweep)
    cargo build --release --bin api --bin deliver --bin ingest --bin sweep
    python3 tests/bench/compare.py /tmp/before .

In turn, because a machine with other work is slower at one time than at another. Each build runs
with the template of its own checkout. Needs valgrind.
"""

import json
import os
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

FUNCTIONS = ["api", "deliver", "ingest", "sweep"]
ROUNDS = 5
# Exactly one message in each batch, as at very low traffic, and no waiting for it.
SINGLE = ["--parameter", "EventBatchSize=1", "--parameter", "DeliveryBatchSize=1"]


def bench(checkout: Path, *arguments: str, options: Iterable[str] = ()) -> dict:
    command = ["cargo", "local", *options]
    for name in FUNCTIONS:
        command += ["--function", f"{name}={checkout / 'target/release' / name}"]
    own = os.environ | {"RUNHOOKS_LOCAL_TEMPLATE": str(checkout / "infra/template.yaml")}
    done = subprocess.run(
        [*command, "bench", *arguments, "--json"],
        env=own,
        check=True,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    return json.loads(done.stdout)


def number(figure: float, digits: int) -> str:
    return f"{figure:,.{digits}f}"


def middle(figures: list[float], digits: int) -> str:
    """The median, and the range if it can be seen."""
    low, high = number(min(figures), digits), number(max(figures), digits)
    median = number(statistics.median(figures), digits)
    return median if low == high else f"{median} ({low} to {high})"


def both(figure: Callable[[dict], float]) -> Callable[[dict], float]:
    """Of a report, what `ingest` and `deliver` take together."""
    return lambda report: figure(report["ingest"]) + figure(report["deliver"])


def calls(reports: list[dict]) -> str:
    each = Counter()
    for report in reports:
        for function in ("ingest", "deliver"):
            for call, count in report[function]["calls"].items():
                each[call.split()[-1]] += count / len(reports)
    # What is made once in a while, or only at the first event, is in the sum.
    usual = [(call, count) for call, count in each.most_common() if count >= 0.005]
    most = ", ".join(f"{call} {count:.2f}" for call, count in usual)
    return f"{each.total():.2f}: {most}"


def deliveries(reports: list[dict], counted: dict | None) -> dict[str, str]:
    def row(figure: Callable[[dict], float], digits: int) -> str:
        return middle([figure(report) for report in reports], digits)

    rows = {
        "CPU, µs": row(both(lambda function: function["cpuMicros"]), 0),
        "CPU of `ingest`, µs": row(lambda report: report["ingest"]["cpuMicros"], 0),
        "CPU of `deliver`, µs": row(lambda report: report["deliver"]["cpuMicros"], 0),
        "calls": calls(reports),
        "write units": row(both(lambda function: function["writeUnits"]), 2),
        "read units": row(both(lambda function: function["readUnits"]), 2),
        "a million, $": row(lambda report: report["cost"]["total"], 2),
    }
    if counted:
        thousands = (counted["ingest"] + counted["deliver"]) / 1e3
        rows["instructions, thousands"] = number(thousands, 0)
    if reports[0]["pace"]:
        latencies = [report["latencies"] for report in reports]
        for name in ("p50", "p99"):
            millis = [latency[f"{name}Millis"] for latency in latencies]
            rows[f"{name} from event to POST, ms"] = middle(millis, 1)
    return rows


def programs(reports: list[dict], starts: dict[str, int]) -> dict[str, str]:
    rows = {}
    for name in FUNCTIONS:
        own = [report["programs"][name] for report in reports]
        millis = middle([figures["startMillis"] for figures in own], 2)
        peak = [figures["peakMemoryBytes"] / 1e6 for figures in own]
        cells = [
            f"{millis} ms",
            f"{number(starts[name] / 1e3, 0)} thousand",
            f"{number(own[0]['bytes'] / 1e6, 2)} MB",
            f"{middle(peak, 1)} MB" if any(peak) else "",
        ]
        rows[f"`{name}`"] = " · ".join(cell for cell in cells if cell)
    return rows


def table(heading: str, before: dict[str, str], after: dict[str, str]) -> None:
    print(f"| {heading} | before | after |\n|---|---|---|")
    for name in before:
        print(f"| {name} | {before[name]} | {after[name]} |")
    print()


def main(checkouts: list[Path]) -> None:
    full: list[list[dict]] = [[] for _ in checkouts]
    single: list[list[dict]] = [[] for _ in checkouts]
    paced: list[list[dict]] = [[] for _ in checkouts]
    for number_of_round in range(ROUNDS):
        print(f"round {number_of_round + 1} of {ROUNDS}", file=sys.stderr)
        for place, checkout in enumerate(checkouts):
            full[place].append(bench(checkout))
            single[place].append(bench(checkout, "--events", "2000", options=SINGLE))
            paced[place].append(bench(checkout, "paced", "--rate", "200"))
    counted = [bench(checkout, "instructions") for checkout in checkouts]
    for heading, place, reports in [
        ("a delivery in batches of 10", 0, full),
        ("a delivery in batches of 1", 1, single),
        ("a delivery at 200 events a second", None, paced),
    ]:
        every = [counts["deliveries"] for counts in counted]
        instructions = [None if place is None else counts[place] for counts in every]
        table(heading, *map(deliveries, reports, instructions))
    starts = [counts["starts"] for counts in counted]
    heading = "start to first poll · instructions until then · binary · peak memory"
    table(heading, *map(programs, full, starts))


if __name__ == "__main__":
    main([Path(checkout).resolve() for checkout in sys.argv[1:3]])
