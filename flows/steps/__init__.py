"""Verbs: pure functions on the values of the ontology."""
