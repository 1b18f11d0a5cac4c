"""Live views of a search: functions of its events, for terminals, pipes and notebooks."""

from automl.progress.choose import make_view

__all__ = ["make_view"]
