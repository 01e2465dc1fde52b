"""The dataflows. One module per graph; read ``telemetry`` first."""
