"""Counters and times in Prometheus' text format, kept in this process. Labels are routes and statuses, never user text."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field

from api.service.jobs.interface import Health

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass
class Metrics:
    """What this process has seen."""

    answers: dict[tuple[str, str, int], int] = field(default_factory=lambda: defaultdict(int))
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0] * (len(BUCKETS) + 2)))
    problems: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    streams: int = 0
    reused: int = 0
    submitted: int = 0
    uploads: int = 0

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self.answers[method, route, status] += 1
        row = self.seconds[route]
        for i in range(bisect_left(BUCKETS, seconds), len(BUCKETS)):
            row[i] += 1
        row[-2] += 1
        row[-1] += seconds

    def text(self, health: Health) -> str:
        """The page."""
        lines = ["# TYPE gigasite_http_answers_total counter"]
        for (method, route, status), count in sorted(self.answers.items()):
            labels = f'method="{method}",route="{route}",status="{status}"'
            lines.append(f"gigasite_http_answers_total{{{labels}}} {count}")
        lines.append("# TYPE gigasite_http_seconds histogram")
        for route, row in sorted(self.seconds.items()):
            for bound, seen in zip((*map(str, BUCKETS), "+Inf"), row):
                lines.append(f'gigasite_http_seconds_bucket{{route="{route}",le="{bound}"}} {seen:.0f}')
            lines.append(f'gigasite_http_seconds_count{{route="{route}"}} {row[-2]:.0f}')
            lines.append(f'gigasite_http_seconds_sum{{route="{route}"}} {row[-1]:.6f}')
        lines.append("# TYPE gigasite_http_problems_total counter")
        lines += [f'gigasite_http_problems_total{{kind="{k}"}} {n}' for k, n in sorted(self.problems.items())]
        lines.append("# TYPE gigasite_jobs gauge")
        lines += [f'gigasite_jobs{{status="{s}"}} {n}' for s, n in sorted(health.counts.items())]
        for name, kind, value in (
            ("jobs_queued", "gauge", health.queued),
            ("jobs_running", "gauge", health.running),
            ("jobs_oldest_queued_seconds", "gauge", health.oldest_queued_s or 0.0),
            ("workers", "gauge", health.workers),
            ("database_up", "gauge", int(health.database)),
            ("event_streams", "gauge", self.streams),
            ("jobs_submitted_total", "counter", self.submitted),
            ("plans_reused_total", "counter", self.reused),
            ("uploads_total", "counter", self.uploads),
        ):
            lines += [f"# TYPE gigasite_{name} {kind}", f"gigasite_{name} {value}"]
        return "\n".join(lines) + "\n"
