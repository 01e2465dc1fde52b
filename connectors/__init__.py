"""Wires: protocols and drivers, and no meaning."""
