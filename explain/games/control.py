"""Control variates: games whose Shapley values are known, so that only the rest is sampled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from explain.errors import ArgumentError
from explain.games.values import Bools, Floats

Link = Literal["identity", "logistic", "softmax"]

_NODES = 8
"""Gauss-Legendre nodes along the way from a reference's margins to the row's."""


@dataclass(frozen=True, eq=False)
class ControlVariate:
    """A game of its own, with its exact Shapley values.

    The sampler estimates the values of ``game - control`` and adds the exact ones. The control
    must leave the game's dummies dummies.

    Parameters
    ----------
    values : ndarray of float64, shape (n_players, K)
        The control's exact Shapley values.
    evaluate : callable
        ``evaluate(coalitions)`` with a bool array (k, n_players) gives its worth: (k, K).

    Examples
    --------
    A contract of players 0, 1 and 2 that the control knows, and a small one that it does not:

    >>> from explain.games import FunctionGame, sample_values
    >>> def known(s):
    ...     return 3.0 * s[:, :3].all(axis=1, keepdims=True)
    >>> game = FunctionGame(20, lambda s: known(s) + 0.01 * s[:, 3:8].all(axis=1, keepdims=True))
    >>> exact = np.where(np.arange(20) < 3, 1.0, 0.0)[:, None]
    >>> control = ControlVariate(exact, known)
    >>> alone = sample_values(game, 0, n_coalitions=100, seed=0)
    >>> helped = sample_values(game, 0, n_coalitions=100, seed=0, control=control)
    >>> bool(helped.errors.max() < alone.errors.max() / 100)
    True
    """

    values: Floats
    evaluate: Callable[[Bools], Floats]


@dataclass(frozen=True, eq=False)
class LinkControl:
    r"""A control made of channels that `predict` returns beside the target, for one row.

    The control game of reference r is :math:`c_r(S) = \sum_c a_{r,c} m_c(x_S, r_{\bar S})`: a
    mixture of channels whose own Shapley values are known, such as the margins of tree and
    linear members of an ensemble. It needs no evaluation of its own: `MarginalGame.predict`
    returns ``Outputs(target, channels)`` for each hybrid row, and both games are read from it.

    Whatever the coefficients, the estimates stay unbiased (permutations) or consistent
    (regressions); good ones make the residual game small. `LinkControl.rescaled` gives those
    that make control and target agree at the empty and at the full coalition wherever the
    target is a weighted sum of linked margins.

    A control helps by the interactions of three and more players that it knows. Additive terms
    and interactions of two cost the sampler nothing anyway, because it works in antithetic pairs:
    the margins of linear members may be channels too, but gain no more than their link does.

    Parameters
    ----------
    coefficients : ndarray of float64, shape (m, M, K)
        For each reference, how much of each channel each output gets.
    values : ndarray of float64, shape (m, n_players, K)
        Each reference's exact Shapley values of the control game.

    Examples
    --------
    A product of three columns as margin, its chance as target, one reference at 0: each of the
    three earns a third of the margin.

    >>> from explain.games import MarginalGame, Outputs, sample_values
    >>> def predict(rows):
    ...     margin = rows[:, :3].prod(axis=1, keepdims=True)
    ...     return Outputs(target=1 / (1 + np.exp(-margin)), channels=margin)
    >>> row, background = np.full((1, 8), 1.5), np.zeros((1, 8))
    >>> margin_values = np.where(np.arange(8) < 3, 1.5**3 / 3, 0.0)
    >>> control = LinkControl.rescaled(
    ...     row_channels=predict(row).channels[0],
    ...     background_channels=predict(background).channels,
    ...     attributions=margin_values[None, None, :],
    ...     link="logistic",
    ...     member_weights=[1.0],
    ... )
    >>> game = MarginalGame(predict, row, background, tuple((j,) for j in range(8)))
    >>> found = sample_values(game, 0, n_coalitions=60, seed=0, control=control)
    >>> found.values[:3, 0].round(4)
    array([0.1556, 0.1556, 0.1556])
    """

    coefficients: Floats
    values: Floats

    @classmethod
    def rescaled(
        cls,
        row_channels: Floats,
        background_channels: Floats,
        attributions: Floats,
        *,
        link: Link,
        member_weights: ArrayLike,
    ) -> LinkControl:
        r"""Rescale members' exact margin values by secants of the link.

        Parameters
        ----------
        row_channels : ndarray of float64, shape (M,)
            Members' margins of the explained row. Member after member; with "softmax" each
            member has one channel for each class.
        background_channels : ndarray of float64, shape (m, M)
            The same of the references.
        attributions : ndarray of float64, shape (m, M, n_players)
            Each channel's exact interventional Shapley values against each single reference.
        link : {"identity", "logistic", "softmax"}
            From a member's margin to its output.
        member_weights : array-like of float, shape (n_members,)
            Weights of the members' outputs in the target: its output is
            :math:`\sum_j w_j g(m_j) + \dots`, the rest being members without channels.

        Returns
        -------
        LinkControl
            For one member and "logistic": values
            :math:`\phi_r (\sigma(m_x) - \sigma(m_r)) / (m_x - m_r)`.

        Raises
        ------
        ArgumentError
            If the shapes do not fit together.

        Notes
        -----
        A softmax has no scalar secant. The mean of its derivative along the straight way from
        the reference's margins to the row's takes its place (Aumann and Shapley); with one
        margin that is the secant.
        """
        weights = np.asarray(member_weights, dtype=np.float64)
        _check_channels(row_channels, background_channels, attributions, weights)
        m, n_channels = background_channels.shape
        per_member = n_channels // len(weights)
        if link != "softmax" and per_member != 1:
            raise ArgumentError(
                f'the link "{link}" takes one channel for each member',
                got=f"{n_channels} channels and {len(weights)} members",
            )
        n_outputs = per_member if link == "softmax" else 1
        coefficients = np.empty((m, n_channels, n_outputs))
        for member, weight in enumerate(weights):
            own = slice(member * per_member, (member + 1) * per_member)
            secant = link_secant(row_channels[own], background_channels[:, own], link)
            coefficients[:, own] = weight * secant
        values = np.einsum("rmp,rmo->rpo", attributions, coefficients)
        return cls(coefficients, values)


Control = ControlVariate | LinkControl


def link_secant(row: Floats, references: Floats, link: Link) -> Floats:
    """Return the mean derivative of a link from each reference's margins to the row's.

    Parameters
    ----------
    row : ndarray of float64, shape (C,)
        The row's margins; C is 1 but for "softmax".
    references : ndarray of float64, shape (m, C)
        The references' margins.
    link : {"identity", "logistic", "softmax"}
        The link.

    Returns
    -------
    ndarray of float64, shape (m, C, C)
        Entry (r, c, k): change of output k for each unit of margin c. Where row and reference
        agree it is the derivative.

    Examples
    --------
    >>> link_secant(np.array([0.0]), np.array([[0.0]]), "logistic").ravel()
    array([0.25])
    """
    if link == "identity":
        return np.ones((len(references), 1, 1))
    if link == "logistic":
        return _logistic_secant(row[0], references[:, 0])[:, None, None]
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    way = (nodes + 1)[:, None, None] / 2  # from 0 to 1
    margins = references + way * (row - references)
    chances = np.exp(margins - margins.max(axis=2, keepdims=True))
    chances /= chances.sum(axis=2, keepdims=True)
    shares = weights / 2
    mean = np.einsum("n,nrc->rc", shares, chances)
    outer = np.einsum("n,nrc,nrk->rck", shares, chances, chances)
    return np.asarray(mean[:, :, None] * np.eye(len(row)) - outer)


def _logistic_secant(row: float, references: Floats) -> Floats:
    """Return (s(x) - s(r)) / (x - r), without overflow, and the derivative's limit near x = r."""
    half = (row - references) / 2
    middle = (row + references) / 2
    # s(x) - s(r) = sinh(half) / (cosh(half) + cosh(middle)), scaled against overflow
    top = np.maximum(np.abs(half), np.abs(middle))
    below = _cosh(half, top) + _cosh(middle, top)
    small = np.abs(half) < 1e-4
    safe = np.where(small, 1.0, half)
    above = (np.exp(half - top) - np.exp(-half - top)) / (4 * safe)
    return np.where(small, np.exp(-top) * (1 + half**2 / 6) / 2, above) / below


def _cosh(value: Floats, top: Floats) -> Floats:
    return np.asarray((np.exp(value - top) + np.exp(-value - top)) / 2)


def _check_channels(row: Any, background: Any, attributions: Any, weights: Floats) -> None:
    m, n_channels = background.shape
    if (
        row.shape != (n_channels,)
        or attributions.ndim != 3
        or attributions.shape[:2] != (m, n_channels)
        or weights.ndim != 1
        or not len(weights)
        or n_channels % len(weights)
    ):
        raise ArgumentError(
            "the channels of row, background, attributions and members do not fit together",
            got=f"shapes {row.shape}, {background.shape}, {attributions.shape}, {weights.shape}",
            hint="(M,), (m, M), (m, M, n_players) and (n_members,)",
        )
