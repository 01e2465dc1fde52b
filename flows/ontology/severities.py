"""MAV_SEVERITY: how bad what a status text says is, the worst first."""

SEVERITIES = ("EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING", "NOTICE", "INFO", "DEBUG")
