"""A desktop program without any interface for other programs: a form in Tk, its rows in a CSV file."""

from __future__ import annotations

import csv
import sys
import tkinter as tk
from pathlib import Path

FIELDS = ("Entry", "Project", "Day", "Hours")


def main(export: Path) -> None:
    root = tk.Tk()
    root.title("Timesheet")
    root.option_add("*Font", "{DejaVu Sans} 11")
    tk.Label(root, text="Timesheet").grid(row=0, column=0, columnspan=2, pady=10)
    fields: dict[str, tk.Entry] = {}
    for row, name in enumerate(FIELDS, start=1):
        tk.Label(root, text=name).grid(row=row, column=0, sticky="w", padx=14, pady=9)
        fields[name] = tk.Entry(root, width=30)
        fields[name].grid(row=row, column=1, padx=14, pady=9)
    state = tk.Label(root, text="")
    state.grid(row=6, column=0, columnspan=2, pady=10)

    def new() -> None:
        for field in fields.values():
            field.delete(0, "end")
        state.config(text="")

    def save() -> None:
        fresh = not export.exists()
        with export.open("a", newline="", encoding="utf-8") as out:
            rows = csv.writer(out)
            rows.writerows([["id", "project", "day", "hours"]] if fresh else [])
            rows.writerow([field.get() for field in fields.values()])
        state.config(text=f"Saved {fields['Entry'].get()}")

    buttons = tk.Frame(root)
    buttons.grid(row=5, column=0, columnspan=2, pady=12)
    for text, command in (("New", new), ("Save", save)):
        tk.Button(buttons, text=text, command=command).pack(side="left", padx=14)
    root.mainloop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
