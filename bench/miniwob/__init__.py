"""MiniWoB++ as pages, flows and a table of what the flows solve."""
