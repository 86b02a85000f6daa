"""What can be *said*: the flow language. Imports nothing else of ours."""
