"""Games: Shapley values of a model that is known only as a function of rows."""

from explain.games.control import Control, ControlVariate, LinkControl, link_secant
from explain.games.designs import MOST_PLAYERS, least_coalitions
from explain.games.estimate import Method, enumerate_values, sample_values
from explain.games.game import FunctionGame, Game, effective_players
from explain.games.marginal import MarginalGame
from explain.games.uncertainty import background_error, combine_errors, split_half_error
from explain.games.values import Evaluation, Outputs, Values

__all__ = [
    "MOST_PLAYERS",
    "Control",
    "ControlVariate",
    "Evaluation",
    "FunctionGame",
    "Game",
    "LinkControl",
    "MarginalGame",
    "Method",
    "Outputs",
    "Values",
    "background_error",
    "combine_errors",
    "effective_players",
    "enumerate_values",
    "least_coalitions",
    "link_secant",
    "sample_values",
    "split_half_error",
]
