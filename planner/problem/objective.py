"""What is optimised, and how the search is run (M8.1, M8.7)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from planner.problem.base import Fraction, Frozen, NotBool

ObjectiveName = Literal["compute", "value", "cost", "net_cost", "carbon"]


class Objective(Frozen):
    """One stage: ``{maximize: compute | value}`` or ``{minimize: cost | net_cost | carbon}``."""

    maximize: Literal["compute", "value"] | None = Field(
        default=None, description="compute: discounted PFLOPS-years; value: discounted million USD"
    )
    minimize: Literal["cost", "net_cost", "carbon"] | None = Field(
        default=None, description="cost and net_cost: discounted million USD; carbon: tonnes over the horizon"
    )
    tolerance: Fraction = Field(default=1e-4, description="what later stages may give up of this one, relative")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.maximize is None) == (self.minimize is None):
            raise ValueError("write either {maximize: compute | value} or {minimize: cost | net_cost | carbon}")
        return self

    @property
    def name(self) -> ObjectiveName:
        """The quantity's name."""
        name = self.maximize or self.minimize
        assert name is not None
        return name

    @property
    def sense(self) -> Literal["maximize", "minimize"]:
        """``maximize`` or ``minimize``."""
        return "maximize" if self.maximize else "minimize"

    @property
    def counts_money(self) -> bool:
        """True for cost, net_cost and value."""
        return self.name in {"cost", "net_cost", "value"}


class SolverOptions(Frozen):
    """All optional, with defaults good for a laptop."""

    time_limit_s: Annotated[float, Field(gt=0, le=86_400), NotBool] = Field(default=60.0, description="seconds")
    relative_gap: Annotated[float, Field(ge=0, lt=1), NotBool] = Field(
        default=1e-3, description="the search stops when |objective - bound| / |objective| is this small"
    )
    threads: Annotated[int, Field(ge=1, le=256), NotBool] = Field(default=2, description="programs solved side by side")
    seed: Annotated[int, Field(ge=0, le=2**31 - 1), NotBool] = Field(default=0, description="random seed")
    strategy: Literal["auto", "monolithic", "relax_and_repair", "decomposed"] = Field(
        default="auto", description="how the search is organised"
    )
    memory_limit_mb: Annotated[int, Field(ge=256, le=4_000_000), NotBool] = Field(
        default=8192, description="memory of the solver's process, MB"
    )


def as_tuple(value: Any) -> Any:
    """A single objective stands for a list of one."""
    return (value,) if isinstance(value, dict | Objective) else value
