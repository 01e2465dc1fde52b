"""Values: what exists. Standard library and msgspec only."""
