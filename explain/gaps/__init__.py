"""Gaps between groups, split over columns."""

from explain.gaps.disparities import Disparity, disparity

__all__ = ["Disparity", "disparity"]
