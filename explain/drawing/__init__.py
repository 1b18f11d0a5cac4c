"""Charts of explanations: from frames to Altair charts, each with the same said in words."""

from explain.drawing.bars import interval_bars, waterfall
from explain.drawing.blocks import as_block
from explain.drawing.curves import effect_curve
from explain.drawing.points import dependence, strips

__all__ = ["as_block", "dependence", "effect_curve", "interval_bars", "strips", "waterfall"]
