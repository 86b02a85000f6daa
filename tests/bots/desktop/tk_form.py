"""A form that tells nothing about itself: Tk has no accessibility. What was saved goes to a file as
JSON."""

from __future__ import annotations

import json
import sys
import tkinter as tk
from pathlib import Path


def main(out: str) -> None:
    root = tk.Tk()
    root.title("Supplier bill")
    root.option_add("*Font", "{DejaVu Sans} 11")
    fields = {}
    for row, name in enumerate(("Supplier", "Invoice number", "Amount")):
        tk.Label(root, text=name).grid(row=row, column=0, sticky="w", padx=12, pady=8)
        fields[name] = tk.Entry(root, width=32)
        fields[name].grid(row=row, column=1, padx=12, pady=8)
    state = tk.Label(root, text="Not saved")
    state.grid(row=4, column=0, columnspan=2, pady=8)
    saved: list[dict[str, str]] = []

    def save() -> None:
        saved.append({name: field.get() for name, field in fields.items()})
        Path(out).write_text(json.dumps(saved, ensure_ascii=False), encoding="utf-8")
        state.config(text=f"Saved {len(saved)}")

    def clear() -> None:
        for field in fields.values():
            field.delete(0, "end")
        state.config(text="Cleared")

    buttons = tk.Frame(root)
    buttons.grid(row=3, column=0, columnspan=2, pady=12)
    for text, command in (("Save", save), ("Save as draft", clear), ("Clear", clear)):
        tk.Button(buttons, text=text, command=command).pack(side="left", padx=10)
    root.mainloop()


if __name__ == "__main__":
    main(sys.argv[1])
