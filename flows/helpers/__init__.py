"""What expressions can call: plain functions on plain data, one module per subject. `flows.functions` lists
them."""
