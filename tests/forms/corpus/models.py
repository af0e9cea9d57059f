"""Types as people write for answers; pydantic makes the schemas that the forms are measured with."""

import dataclasses
import datetime as dt
import decimal
import enum
import ipaddress
import pathlib
import uuid
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, Optional, TypeVar

from annotated_types import Ge, Gt, Len, Lt, MultipleOf
from pydantic import (
    AnyUrl,
    AwareDatetime,
    Base64Bytes,
    BaseModel,
    ByteSize,
    ConfigDict,
    Discriminator,
    Field,
    FutureDate,
    HttpUrl,
    Json,
    JsonValue,
    NaiveDatetime,
    NonNegativeFloat,
    PositiveInt,
    RootModel,
    SecretBytes,
    SecretStr,
    StrictInt,
    StringConstraints,
    Tag,
    computed_field,
    conlist,
    field_validator,
)
from typing_extensions import TypedDict


class Plan(enum.Enum):
    FREE = "free"
    TEAM = "team"
    WHOLE_COMPANY = "company"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Flavour(enum.StrEnum):
    VANILLA = "vanilla"
    MINT = "mint"


class Address(BaseModel):
    """Where somebody lives."""

    street_address: str = Field(examples=["1 Main Street"])
    city: str
    zip_code: str = Field(pattern=r"^\d{5}$")


class Person(BaseModel):
    name: str = Field(min_length=1, max_length=80, description="As in the passport")
    age: int = Field(ge=0, le=130)
    nickname: str | None = None
    email: Annotated[str, Field(json_schema_extra={"format": "email"})]
    home: Address
    work: Address | None = None


class Seats(BaseModel):
    plan: Plan
    seats: int = Field(ge=1, le=500, multiple_of=5)
    price: float = Field(gt=0, lt=1e6)
    trial: bool = False
    add_ons: set[Flavour] = set()


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    breed: str


class Bird(BaseModel):
    kind: Literal["parrot", "finch"]
    wingspan: float


class Owner(BaseModel):
    pet: Annotated[Cat | Dog | Bird, Field(discriminator="kind")]
    spare: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    all_pets: list[Annotated[Cat | Dog, Field(discriminator="kind")]] = []


class Untagged(BaseModel):
    either: Cat | Address
    number_or_text: int | str
    several: list[int] | dict[str, int] | None = None


class Folder(BaseModel):
    name: str
    children: list["Folder"] = []
    parent: Optional["Folder"] = None


class Expression(BaseModel):
    op: Literal["and", "or"]
    operands: list["Expression | Leaf"]


class Leaf(BaseModel):
    field: str
    value: str | float | bool | None


class Even(BaseModel):
    odd: "Odd | None" = None


class Odd(BaseModel):
    even: Even | None = None


class Item(BaseModel):
    sku: str
    count: PositiveInt = 1
    price: decimal.Decimal = Field(max_digits=8, decimal_places=2)


class Order(BaseModel):
    items: list[Item] = Field(min_length=1, max_length=20)
    shipped: dt.date | None = None
    notes: str = Field("", max_length=2000)


class Row(BaseModel):
    id: int
    name: str
    active: bool = True
    level: Level = Level.LOW


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str


class Typed(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, int]
    name: str


class Aliased(BaseModel):
    model_config = ConfigDict(alias_generator=lambda name: name.title().replace("_", ""))
    some_name: str
    other_name: int = 3


class Times(BaseModel):
    day: dt.date
    moment: dt.datetime
    clock: dt.time
    took: dt.timedelta
    aware: AwareDatetime
    naive: NaiveDatetime
    soon: FutureDate


class Odds(BaseModel):
    identity: uuid.UUID
    address: ipaddress.IPv4Address
    network: ipaddress.IPv6Network
    path: pathlib.Path
    link: HttpUrl
    any_link: AnyUrl
    size: ByteSize
    raw: bytes
    encoded: Base64Bytes


class Secrets(BaseModel):
    password: SecretStr
    key: SecretBytes
    hidden: str = Field(json_schema_extra={"writeOnly": True})


class Code(BaseModel):
    query: str = Field(json_schema_extra={"contentMediaType": "application/sql"})
    script: str = Field(json_schema_extra={"contentMediaType": "text/x-python"})
    prose: str = Field(json_schema_extra={"contentMediaType": "text/markdown"})
    area: str = Field(json_schema_extra={"format": "textarea"})
    config: Json[dict[str, int]]


class Loose(BaseModel):
    anything: Any
    value: JsonValue = None
    bag: dict[str, Any] = {}
    bare_list: list = []  # type: ignore[type-arg]
    bare_dict: dict = {}  # type: ignore[type-arg]


class Collections(BaseModel):
    pair: tuple[int, str]
    many: tuple[float, ...]
    tags: frozenset[str]
    matrix: list[list[float]]
    scores: dict[str, float]
    by_level: dict[Level, str]
    by_number: dict[int, str]
    choices: list[Literal["a", "b"]]
    short: conlist(str, min_length=2, max_length=3)  # type: ignore[valid-type]


class Checked(BaseModel):
    word: Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, pattern="^[a-z]+$")]
    ratio: NonNegativeFloat
    strict: StrictInt

    @field_validator("word")
    @classmethod
    def _fine(cls, value: str) -> str:
        return value

    @computed_field
    def twice(self) -> float:
        return self.ratio * 2


class Base(BaseModel):
    created_by: str


class Derived(Base):
    title: str = Field(title="A title of its own", deprecated=True)


T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    items: list[T]
    next: str | None = None


class Tags(RootModel[list[str]]):
    """Some tags."""


class Decision(TypedDict):
    """What to do."""

    approve: bool
    reason: NotRequired[str]


class Partial(TypedDict, total=False):
    title: str
    priority: Literal[1, 2, 3]


@dataclasses.dataclass
class Point:
    x: float
    y: float = 0.0
    label: str | None = None


@dataclasses.dataclass
class Line:
    points: list[Point] = dataclasses.field(default_factory=list)


class Span(NamedTuple):
    start: int
    end: int = 10


def _shape(value: Any) -> str:
    return "list" if isinstance(value, list) else "text"


TYPES: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        *(int, str, bool, float, bytes, list, dict),
        *(dt.date, dt.datetime, dt.time, dt.timedelta, decimal.Decimal, uuid.UUID),
        *(Plan, Level, Flavour, Address, Person, Seats, Cat, Dog, Bird, Owner, Untagged, Folder, Expression, Leaf),
        *(Even, Odd, Item, Order, Row, Open, Closed, Typed, Aliased, Times, Odds, Secrets, Code, Loose, Collections),
        *(Checked, Derived, Tags, Decision, Partial, Point, Line, Span),
    )
} | {
    "None": None,
    "SecretStr": SecretStr,
    "literal texts": Literal["approve", "reject"],
    "literal mixed": Literal["auto", 1, 2, None],
    "one literal": Literal["ok"],
    "optional text": str | None,
    "optional enum": Plan | None,
    "int or float": int | float,
    "int, text or none": int | str | None,
    "text or list of texts": str | list[str],
    "date or datetime": dt.date | dt.datetime,
    "list of texts": list[str],
    "list of enums": list[Plan],
    "set of enums": set[Plan],
    "set of numbers": set[int],
    "list of rows": list[Row],
    "list of lists": list[list[int]],
    "list of optional texts": list[str | None],
    "dict of models": dict[str, Item],
    "dict of lists": dict[str, list[int]],
    "tuple": tuple[int, str, bool],
    "tuple of models": tuple[Point, Point],
    "page of items": Page[Item],
    "page of texts": Page[str],
    "optional model": Person | None,
    "models": Cat | Address | None,
    "tagged models": Annotated[Cat | Dog, Field(discriminator="kind")],
    "called tags": Annotated[Annotated[list[str], Tag("list")] | Annotated[str, Tag("text")], Discriminator(_shape)],
    "percent": Annotated[int, Ge(0), Lt(101), MultipleOf(5)],
    "open interval": Annotated[float, Gt(0), Lt(1)],
    "sized list": Annotated[list[int], Len(1, 3)],
    "titled": Annotated[str, Field(title="Name", description="Of the customer", max_length=500)],
    "json text": Json[list[int]],
    "json value": JsonValue,
    "any": Any,
    "object": object,
}
