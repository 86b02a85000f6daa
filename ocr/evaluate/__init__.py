"""Measure extraction against truth: per field, per line item, and whether the confidence is honest."""

from ocr.evaluate.html import render_html
from ocr.evaluate.report import Report, report_to_json
from ocr.evaluate.run import evaluate_folder
from ocr.evaluate.text import render_text

__all__ = ["Report", "evaluate_folder", "render_html", "render_text", "report_to_json"]
