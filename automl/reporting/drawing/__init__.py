"""Charts of a report: from frames to Altair charts."""
