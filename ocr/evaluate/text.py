"""The report for a terminal."""

from __future__ import annotations

from ocr.evaluate.report import (
    Figures,
    Report,
    by_field,
    calibration,
    coverage,
    false_fills,
    figures,
    groups,
    line_figures,
    passing,
    wrong_among_passing,
)


def render_text(report: Report) -> str:
    """A table of right, wrong and missing for each field, and the figures below it."""
    scores = report.field_scores()
    lines = [f"{report.folder}: {report.protocol}", ""]
    lines.append(
        f"{'field':24}{'right':>7}{'wrong':>7}{'missing':>9}{'extra':>7}{'P':>8}{'R':>8}{'F1':>8}{'strict':>8}"
    )
    lines += [_row(name, f) for name, f in by_field(scores, complete=report.complete).items()]
    lines.append(_row("all fields", figures(scores, complete=report.complete)))
    lines.append(
        _row("with known faults", figures(report.field_scores(faults=True), complete=report.complete))
    )
    lines += ["", "line items"] if line_figures(report.documents) else []
    lines += [_row(name, f) for name, f in line_figures(report.documents).items()]
    lines += [_row(name, f) for name, f in groups(report).items()]
    lines += ["", *_honesty(report)]
    lines += [f"unreadable {name}: {message}" for name, message in report.unreadable]
    return "\n".join(lines)


def _row(name: str, f: Figures) -> str:
    counts = f"{f.right:7}{f.wrong:7}{f.missing:9}{f.extra:7}"
    return f"{name:24}{counts}{f.precision:8.3f}{f.recall:8.3f}{f.f1:8.3f}{f.strict_f1:8.3f}"


def _honesty(report: Report) -> list[str]:
    measured = calibration(report.field_scores())
    passed, wrong = passing(report.documents)
    faulty, asked = wrong_among_passing(report.documents)
    fills = false_fills(report)
    total = max(1, len(report.documents))
    return [
        f"calibration error {100 * measured.error:.1f} points over {measured.values} values",
        f"pass without a person: {passed} of {len(report.documents)} ({100 * passed / total:.1f} %), "
        f"{wrong} of them with a wrong required field: "
        f"{faulty} of {asked} required fields ({100 * faulty / max(1, asked):.1f} %)",
        f"coverage at 2.5 % wrong required fields: {100 * coverage(report.documents):.1f} %",
        f"filled where the truth states nothing: {fills['filled']} of {fills['of']}",
    ]
