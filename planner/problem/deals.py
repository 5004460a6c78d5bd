"""Deals (section 5): what a counterparty pays, lends, leases, promises or buys as capacity grows."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from planner.problem.base import Fraction, Frozen, Id, Life, Months, NonNegative, Positive, Rate, Text
from planner.problem.common import Filter
from planner.problem.schedule import Month, PositiveSchedule

DealMetric = Literal["it_mw", "gpus", "units", "pflops", "capex_musd"]
"""What progress counts: IT MW, GPUs, whole blocks, dense FP8 PFLOP/s, or MUSD at the catalogue price of the order's period."""

CapexLine = Literal["openings", "land", "blocks", "tariffs", "sales_tax", "construction", "unpaid"]
Included = Literal["opening", "land", "energy", "opex"]


class Tranche(Frozen):
    """Equity that arrives once progress has reached ``at`` (M5.1)."""

    at: Positive = Field(description="progress, in the deal's metric")
    musd: NonNegative = Field(description="money of this tranche alone, million USD")


class WarrantTranche(Frozen):
    """Shares that vest once progress has reached ``at`` and the share price its hurdle (M5.2)."""

    at: Positive = Field(description="progress, in the deal's metric")
    shares_million: NonNegative = Field(description="shares of this tranche alone, millions")
    price_hurdle_usd: NonNegative = Field(default=0.0, description="share price that must be met, USD")


class Promise(Frozen):
    """Progress promised by a date (M5.3)."""

    by: Month = Field(description="the period that contains this month")
    at: NonNegative = Field(description="progress, in the deal's metric")
    shortfall_musd_per_unit: PositiveSchedule | None = Field(
        default=None, description="million USD per missing unit of the metric, once; absent: a hard promise"
    )


class _Deal(Frozen):
    """What all deals have in common."""

    id: Id = Field(description="name of this deal")
    counterparty: Text = Field(default="", description="who is on the other side; circularity compares it with vendors")
    source: Annotated[str, Field(max_length=4000)] = Field(default="", description="where the terms come from")
    vendor: Id | None = Field(default=None, description="covers blocks of this vendor only")
    filter: Filter = Field(default=Filter(), description="which sites and blocks it covers")
    optional: bool = Field(default=False, description="true: signing is a decision; false: it is signed")
    exclusive_with: tuple[Id, ...] = Field(default=(), description="deals that cannot be signed together with this one")
    metric: DealMetric = Field(default="it_mw", description="what progress counts of covered units")
    counts: Literal["online", "ordered"] = Field(default="online", description="units ever online, or ever ordered")
    counts_existing: bool = Field(default=False, description="existing units count in progress")
    counts_leased: bool = Field(default=True, description="leased units count in progress")
    counts_in_value: Fraction | None = Field(
        default=None, description="share of its inflow that counts in value; default 0 for equity, 1 for the rest"
    )
    value_by_default: ClassVar[float] = 1.0

    @property
    def value_share(self) -> float:
        """M8.1: the share of this deal's inflow that counts in ``value``."""
        return self.value_by_default if self.counts_in_value is None else self.counts_in_value


class EquityTranches(_Deal):
    """A vendor invests as its capacity comes online (M5.1)."""

    kind: Literal["equity_tranches"]
    tranches: Annotated[tuple[Tranche, ...], Field(min_length=1, max_length=1000)] = Field(
        description="in rising order of `at`"
    )
    lag_months: Months | None = Field(default=None, description="months from reaching to money; absent: one period")
    value_by_default: ClassVar[float] = 0.0


class Warrants(_Deal):
    """A vendor gives shares as its capacity comes online and its price rises (M5.2)."""

    kind: Literal["warrants"]
    tranches: Annotated[tuple[WarrantTranche, ...], Field(min_length=1, max_length=1000)] = Field(
        description="in rising order of `at`"
    )
    exercise_usd: NonNegative = Field(default=0.0, description="what a share costs us, USD")
    share_price_usd: PositiveSchedule = Field(description="assumed price of a share, USD")
    monetise: Fraction = Field(default=0.0, description="fraction sold at vesting; the rest is held")
    haircut: Fraction = Field(description="discount on the price, on sold and held alike")
    expires: Month | None = Field(default=None, description="last month in which anything can vest")


PROMISED_ALSO_AS = ("tranches", "steps", "milestones", "purchase_commitment")
"""Other names that requests give to the list of ``commitments``; one of them may stand for it."""


class PurchaseCommitment(_Deal):
    """We promise to take so much by then, or pay (M5.3)."""

    kind: Literal["purchase_commitment"]
    counts: Literal["online", "ordered"] = Field(default="ordered", description="units ever online, or ever ordered")
    commitments: Annotated[tuple[Promise, ...], Field(min_length=1, max_length=1000)] = Field(
        description="in rising order of `by`"
    )

    @model_validator(mode="before")
    @classmethod
    def _one_list(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        names = [name for name in ("commitments", *PROMISED_ALSO_AS) if name in value]
        if len(names) > 1:
            raise ValueError(f"the list of promises stands there as {' and as '.join(names)}; write it once")
        return {("commitments" if key in names else key): part for key, part in value.items()}


class Lease(_Deal):
    """A partner builds or buys; we pay per MW and year (M5.4)."""

    kind: Literal["lease"]
    covers: Literal["all", "shell", "chips"] = Field(default="all", description="what the partner pays for")
    own_allowed: bool = Field(default=True, description="covered orders may also be owned")
    musd_per_mw_year: PositiveSchedule = Field(description="price, million USD per leased IT MW online and year")
    minimum_mw: PositiveSchedule = Field(default=0.0, description="IT MW paid for even if not used (take or pay)")
    term_years: Life | None = Field(default=None, description="years online of a leased unit; absent: its life")
    includes: tuple[Included, ...] = Field(default=(), description="what else the partner pays")


class Loan(_Deal):
    """Money lent against capex (M5.5)."""

    kind: Literal["loan"]
    limit_musd: PositiveSchedule = Field(description="cumulative: draws in total, million USD")
    rate: Rate = Field(description="interest per year, 0.07 for 7 %")
    term_years: Life = Field(description="years of repayment, after the grace")
    grace_months: Months = Field(default=0, description="months of interest only")
    max_share: Fraction | None = Field(default=None, description="draws up to p, as a share of covered capex up to p")
    lines: tuple[CapexLine, ...] | None = Field(default=None, description="covered capex; absent: all of it")


class Offtake(_Deal):
    """A customer buys capacity (M5.6)."""

    kind: Literal["offtake"]
    musd_per_mw_year: PositiveSchedule | None = Field(
        default=None, description="price, million USD per IT MW sold and year"
    )
    musd_per_pflops_year: PositiveSchedule | None = Field(
        default=None, description="price, million USD per PFLOP/s sold and year"
    )
    minimum: PositiveSchedule = Field(default=0.0, description="what must be sold in every period (MW or PFLOP/s)")
    maximum: PositiveSchedule | None = Field(default=None, description="what can be sold; absent: everything")
    shortfall_musd_per_unit_year: PositiveSchedule | None = Field(
        default=None, description="million USD per missing unit and year; absent: the minimum is a hard promise"
    )

    @model_validator(mode="after")
    def _one_price(self) -> Self:
        if (self.musd_per_mw_year is None) == (self.musd_per_pflops_year is None):
            raise ValueError("an offtake has one price: either musd_per_mw_year or musd_per_pflops_year")
        return self

    @property
    def sold_metric(self) -> Literal["it_mw", "pflops"]:
        """What is sold."""
        return "it_mw" if self.musd_per_mw_year is not None else "pflops"

    @property
    def price(self) -> Any:
        """The price schedule per unit of what is sold and year, MUSD."""
        return self.musd_per_mw_year if self.musd_per_mw_year is not None else self.musd_per_pflops_year


Deal = Annotated[EquityTranches | Warrants | PurchaseCommitment | Lease | Loan | Offtake, Field(discriminator="kind")]
"""One deal, told apart by ``kind``."""
