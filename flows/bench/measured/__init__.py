"""One module a measurement: ``measure`` takes the settings of its deployment; figures come out."""
