"""People: pages, live streams and the REST interface."""
