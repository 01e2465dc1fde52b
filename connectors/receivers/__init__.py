"""AIS and ADS-B receivers: bytes of sockets and files as what ships and aircraft said."""
