"""What the people of units outside KLIP send and get about complaints."""

from pydantic import BaseModel, Field

from web.matter_models import MatterDetail, MatterView


class UnitRow(BaseModel):
    """A complaint that waits for the unit."""

    matter: MatterView
    asked: int = Field(description="dispositions that wait for the unit's answer")
    step: bool = Field(description="its step is the unit's")


class UnitList(BaseModel):
    """What waits for a unit, due first."""

    unit: str = Field(description="in words; empty: the account's team names no unit")
    complaints: list[UnitRow]


class UnitDetail(BaseModel):
    """A complaint as a unit sees it."""

    unit: str
    detail: MatterDetail
    step: bool = Field(description="its step is the unit's: `events` may be done")
    withheld: bool = Field(description="who complains is not shown to this unit")
