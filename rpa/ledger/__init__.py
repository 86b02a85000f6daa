"""What is remembered: runs, items, attempts, writes, failures, artifacts, reviews, audit."""
