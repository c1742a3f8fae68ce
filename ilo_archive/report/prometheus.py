"""The state of an archive as a text file for the node_exporter of Prometheus.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ilo_archive.queries.alarms import Alarm
from ilo_archive.queries.answers import Status

_Sample = tuple[Mapping[str, str], float]


def render_prometheus(status: Status, alarms: Sequence[Alarm]) -> str:
    """Counts of captures and alarms, and the times of runs and good captures in seconds."""
    return "".join(f"{line}\n" for line in _lines(status, alarms))


def _lines(status: Status, alarms: Sequence[Alarm]) -> Iterator[str]:
    kinds = Counter(each.kind for each in alarms)
    runs = {run.command: run for run in reversed(status.runs)}
    good = {run.command: run for run in reversed(status.runs) if run.outcome == "finished"}
    yield from _metric(
        "alarms",
        "Alarms that stand, by kind.",
        [({"kind": kind}, number) for kind, number in sorted(kinds.items())] or [({}, 0)],
    )
    yield from _metric(
        "captures",
        "Captures known, by state.",
        [({"state": state}, number) for state, number in status.states.items()],
    )
    yield from _metric(
        "last_run_timestamp_seconds",
        "Start of the last run of a command.",
        [({"command": name}, run.started_at.timestamp()) for name, run in runs.items()],
    )
    yield from _metric(
        "last_finished_run_timestamp_seconds",
        "Start of the last run of a command that finished.",
        [({"command": name}, run.started_at.timestamp()) for name, run in good.items()],
    )
    yield from _metric(
        "last_good_capture_timestamp_seconds",
        "Time of the last good capture of an office.",
        [({"office": each.slug}, each.last.timestamp()) for each in status.offices if each.last],
    )


def _metric(name: str, meaning: str, samples: Sequence[_Sample]) -> Iterator[str]:
    yield f"# HELP ilo_archive_{name} {meaning}"
    yield f"# TYPE ilo_archive_{name} gauge"
    for labels, value in samples:
        inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        yield f"ilo_archive_{name}{{{inside}}} {value:.0f}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
