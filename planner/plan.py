"""The plan: decisions first, and everything that follows from them (M8.2-M8.6). Months name periods by their first month.

Units are in the names. In ``cash`` spending and income are both positive; ``kind`` tells them apart.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Stopped = Literal["optimal", "gap_reached", "time_limit", "cancelled", "infeasible", "error"]
Holds = Literal["plan", "no_plan"]

CAPEX_LINES = ("openings", "land", "blocks", "tariffs", "sales_tax", "construction", "unpaid")
OPEX_LINES = ("block_opex", "site_opex", "property_tax", "energy", "serving", "lease", "repayments", "penalties")
INCOME_LINES = ("revenue", "offtake", "resale", "equity", "warrants", "loan_draws")
KIND_OF_LINE: dict[str, Literal["capex", "opex", "income"]] = {
    **dict.fromkeys(CAPEX_LINES, "capex"),
    **dict.fromkeys(OPEX_LINES, "opex"),
    **dict.fromkeys(INCOME_LINES, "income"),
}
"""``blocks`` is block capex without duties; ``tariffs`` and ``sales_tax`` are what the site's fractions add to it."""


class Record(BaseModel):
    """Base of the plan's parts: frozen, no unknown keys, finite numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Status(Record):
    """Why the search stopped and what it holds; never one word for both."""

    stopped: Stopped
    holds: Holds


class Opening(Record):
    """A site opens in this period, for good."""

    site: str
    month: str


class Order(Record):
    """Whole units of a block ordered at a site; ``terms`` is ``own`` or a lease's id."""

    site: str
    block: str
    month: str
    units: int
    terms: str = "own"


class Shell(Record):
    """Shell capacity (IT MW) whose building starts in this period; ``terms``: who pays for it, ``own`` or a lease's id."""

    site: str
    month: str
    mw: float
    terms: str = "own"


class Units(Record):
    """Whole units of a block at a site: retired in, or idle during, this period."""

    site: str
    block: str
    month: str
    units: int


class Served(Record):
    """What a site serves of a market in this period, in the markets' metric."""

    site: str
    market: str
    month: str
    amount: float


class Draw(Record):
    """What is drawn of a loan in this period."""

    deal: str
    month: str
    musd: float


class Sale(Record):
    """Capacity of a block at a site sold to a customer in this period, in the deal's unit (IT MW or PFLOP/s)."""

    deal: str
    site: str
    block: str
    month: str
    amount: float


class Cash(Record):
    """One dollar line of one period (million US dollars, nominal, both signs written positive)."""

    month: str
    line: str
    kind: Literal["capex", "opex", "income"]
    musd: float


class Balance(Record):
    """The budget's account over one period: ``cash = before + budget + income - covered`` (M4.1)."""

    month: str
    before_musd: float
    budget_musd: float
    income_musd: float
    covered_musd: float
    cash_musd: float


class AfterHorizon(Record):
    """Money that falls due after the last period, or (``line`` = ``date``) a date beyond the horizon."""

    month: str
    line: str
    musd: float = 0.0
    note: str = ""


class Credit(Record):
    """Unexpired life of paid capex at the end of the horizon (M4.6): ``chips``, ``construction``, ``openings``, ``land``."""

    line: str
    musd: float
    discounted_musd: float


class Stage(Record):
    """One objective of a lexicographic list: its value on the final plan and what its own search proved."""

    name: str
    sense: Literal["maximize", "minimize"]
    value: float
    bound: float | None
    gap: float | None
    tolerance: float
    stopped: Stopped


class SitePeriod(Record):
    """One site in one period. ``it_mw`` and ``facility_mw`` are energised; ``facility_mw`` is at peak PUE."""

    month: str
    open: bool
    it_mw: float
    facility_mw: float
    grid_mw: float
    shell_mw: float
    standing_ha: float
    gpus: int
    units: int
    idle_units: int
    pflops: float
    energy_mwh: float
    carbon_tonnes: float
    spend_musd: float
    it_mw_by_vendor: dict[str, float]


class SiteResult(Record):
    """One candidate, opened or not, with what a map and a board need. Figures without a date are the last period's."""

    id: str
    name: str
    region: str
    country: str
    state: str
    status: Literal["candidate", "committed", "excluded"]
    opened: bool
    opening_month: str | None
    lon: float
    lat: float
    parcel_ha: float
    buildable_ha: float
    land: list[dict[str, Any]] = Field(description="hectares per layer in the order given: {layer, ha}")
    it_mw: float
    facility_mw: float
    grid_mw: float
    power_used_share: float | None
    land_used_share: float | None
    gpus: int
    units: int
    pflops: float
    it_mw_by_vendor: dict[str, float]
    units_by_block: dict[str, int]
    spend_musd: float
    main_limit: str
    why: str
    periods: list[SitePeriod]


class PeriodTotal(Record):
    """All sites together in one period."""

    month: str
    it_mw: float
    facility_mw: float
    gpus: int
    units: int
    pflops: float
    capex_musd: float
    opex_musd: float
    income_musd: float
    it_mw_by_vendor: dict[str, float]


class Assumption(Record):
    """A figure that the request did not state itself, and where it came from (M8.5)."""

    subject: str
    field: str
    value: Any
    unit: str = ""
    origin: Literal["site_default", "catalogue", "table", "derived", "default"]
    source: str = ""


class Violation(Record):
    """A limit that a plan breaks, or a figure of it that does not follow from its decisions."""

    rule: str = Field(description="the contract's paragraph, e.g. M3.4")
    family: str = Field(description="power, land, shell, pace, supply, budget, demand, policies, cash, ...")
    subject: str
    month: str | None = None
    message: str
    amount: float | None = Field(default=None, description="by how much, in the rule's unit")


class Check(Record):
    """The result of re-checking a plan from the request alone (M8.3)."""

    ok: bool
    violations: list[Violation]
    rules_checked: int = 0


class TrancheResult(Record):
    """One tranche: when progress reached it or it vested, and what it brought. ``musd`` is cash (equity, shares sold).

    ``arrives`` may lie after the horizon: that money is not counted (M5.10). ``held_musd`` is the rest, at the last period's price.
    """

    at: float
    month: str | None = None
    arrives: str | None = None
    musd: float = 0.0
    shares_million: float = 0.0
    held_musd: float = 0.0


class DealPeriod(Record):
    """One deal in one period. Money is nominal MUSD; ``balance_musd`` is a loan's principal still owed at the period's end."""

    month: str
    progress: float
    tranches_reached: int = 0
    cash_in_musd: float = 0.0
    cash_out_musd: float = 0.0
    leased_mw: float = 0.0
    sold: float = 0.0
    missing: float = 0.0
    balance_musd: float = 0.0


class DealResult(Record):
    """One deal over the whole plan (M5.8)."""

    id: str
    kind: str
    counterparty: str
    signed: bool
    metric: str
    cash_in_musd: float
    cash_out_musd: float
    holding_musd: float = 0.0
    tranches: list[TrancheResult] = []
    periods: list[DealPeriod]


class Circularity(Record):
    """M5.8: inflow from a counterparty against what is spent on its blocks, inside the horizon, nominal MUSD."""

    counterparty: str
    inflow_musd: float
    spending_musd: float
    share: float | None


class YearMoney(Record):
    """Revenue against obligations in one calendar year, those after the horizon included; nominal MUSD."""

    year: int
    revenue_musd: float
    capex_musd: float
    opex_musd: float
    lease_musd: float
    repayments_musd: float
    obligations_musd: float
    cover: float | None = Field(description="revenue / obligations; None where nothing is due")


class Concentration(Record):
    """How much of MW, spending and compute stands with one vendor, site or region; ``hhi`` is the sum of squared shares."""

    by: Literal["vendor", "site", "region"]
    measure: Literal["it_mw", "spend_musd", "pflops"]
    shares: dict[str, float]
    hhi: float


class TariffExposure(Record):
    """What duties cost in one country, and what one more percentage point would; nominal MUSD."""

    country: str
    tariffs_musd: float
    block_capex_musd: float
    per_point_musd: float


class Clash(Record):
    """For an infeasible request: one family of limits that would have to give way, and by how much."""

    family: str
    subject: str
    month: str | None = None
    amount: float
    unit: str
    message: str
    repairs_alone: bool = Field(default=False, description="giving way in this family alone would be enough")


class Binding(Record):
    """A limit of the whole plan that is used up: what binds, where and when."""

    family: str
    subject: str
    months: list[str]
    message: str


class Decisions(Record):
    """What is decided; from this and the request everything else is recomputed."""

    openings: list[Opening] = []
    orders: list[Order] = []
    shells: list[Shell] = []
    retirements: list[Units] = []
    idle: list[Units] = []
    signed: list[str] = []
    draws: list[Draw] = []
    sales: list[Sale] = []
    served: list[Served] = []


class Plan(Record):
    """A plan, or the honest absence of one (``status.holds == "no_plan"``)."""

    format: Literal["gigasite-plan/1"] = "gigasite-plan/1"
    name: str
    status: Status
    objective_name: str
    objective_sense: Literal["maximize", "minimize"]
    objective_unit: str
    objective: float | None
    bound: float | None
    gap: float | None
    gap_absolute: float | None
    bound_source: str = ""
    rigorous_bound: float | None = Field(
        default=None,
        description="a bound on the first objective that no rounding of a solver can spoil; None where there is none",
    )
    rigorous_gap: float | None = Field(
        default=None, description="|objective - rigorous_bound| / max(|objective|, 1e-9)"
    )
    rigorous_source: str = Field(default="", description="where rigorous_bound comes from, or why there is none")
    openings: list[Opening] = []
    orders: list[Order] = []
    shells: list[Shell] = []
    retirements: list[Units] = []
    idle: list[Units] = []
    signed: list[str] = []
    draws: list[Draw] = []
    sales: list[Sale] = []
    served: list[Served] = []
    power_orders: list[dict[str, Any]] = []
    generation: list[dict[str, Any]] = []
    cash: list[Cash] = []
    balances: list[Balance] = []
    deals: list[DealResult] = []
    circularity: list[Circularity] = []
    years: list[YearMoney] = []
    concentration: list[Concentration] = []
    tariff_exposure: list[TariffExposure] = []
    sites: list[SiteResult] = []
    totals: list[PeriodTotal] = []
    objectives: dict[str, float] = Field(default={}, description="every objective of M8.1 evaluated on this plan")
    cost_split: dict[str, float] = Field(
        default={}, description="MUSD over the horizon: chips, construction, land, power, other"
    )
    terminal: list[Credit] = []
    after_horizon: list[AfterHorizon] = []
    stages: list[Stage] = []
    bindings: list[Binding] = []
    clashes: list[Clash] = []
    check: Check = Check(ok=False, violations=[])
    assumptions: list[Assumption] = []
    warnings: list[str] = []
    provenance: dict[str, Any] = {}

    def decisions(self) -> Decisions:
        """Only what was decided."""
        return Decisions(**{name: getattr(self, name) for name in Decisions.model_fields})
