"""What can be *read*: pages, words, layout, fields with evidence.

Usable alone: nothing here imports the flow language, the bots or the engine.

    file ──pages──► Page ──reading──► Reading ──layout──► Layout ──fields──► Extraction
"""
