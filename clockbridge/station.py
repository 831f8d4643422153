"""`clockbridge station`: who is known at a clock-in point built from parts. Run it on the box itself, as the agent's user."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer

from clockbridge.language import say, speaks_chinese
from edge.devices.serial.cards.numbers import CardFormat, CardNumber, CardNumberError, parse_card, show_card
from edge.errors import EdgeError
from edge.settings import StationSettings, load_settings
from edge.station.book import Person, StationBook
from edge.station.enrolment import Step
from edge.station.words import ADVICE, STEPS, words

app = typer.Typer(
    help="Who is known at a clock-in point built from parts.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)

T = TypeVar("T")

CANNOT, NOT_TAKEN = 2, 1
LOOK_SECONDS = 0.3
UNHEARD_SECONDS = 10.0
USER_CHARACTERS = 24
Config = Annotated[Path | None, typer.Option("--config", help="Settings file; edge.toml here when left out.")]
User = Annotated[str, typer.Argument(help="The person's number, as punches carry it.")]
Number = Annotated[str, typer.Argument(help="Number of the card, as `card_format` of the settings writes it.")]


@app.callback()
def station() -> None:
    """Who is known at a clock-in point built from parts."""


@app.command()
def people(config: Config = None) -> None:
    """List everybody: number, name, cards, fingers, and since when the person agrees to fingerprints."""
    book, settings = _book(config)
    form = CardFormat(settings.card_format)
    for known in book.everybody():
        cards = " ".join(show_card(number, form) for number in known.cards) or "-"
        print(f"{known.person.user}\t{known.person.name}\t{cards}\t{known.fingers}\t{known.agreed_at or '-'}")


@app.command()
def add(user: User, name: Annotated[str, typer.Argument(help="Name that the page at the door shows.")], config: Config = None) -> None:
    """Add a person, or correct the name."""
    if not (0 < len(user.encode()) <= USER_CHARACTERS and user.isprintable() and " " not in user and name.strip()):
        _refuse(say("A number has 1 to 24 characters without spaces, and a name is needed.", "编号为 1 至 24 个字符，不含空格；姓名必填。"))
    _book(config)[0].put(Person(user, name.strip()))


@app.command()
def card(user: User, number: Number, config: Config = None) -> None:
    """Give a person a card."""
    book, settings = _book(config)
    _try(lambda: book.give_card(user, _card(number, settings)))


@app.command()
def take_card(number: Number, config: Config = None) -> None:
    """Take a card from whoever has it: it opens nothing from now on."""
    book, settings = _book(config)
    if not book.take_card(_card(number, settings)):
        _refuse(say("Nobody has this card here.", "此处无人持有该卡。"))


@app.command()
def enrol(
    user: User,
    paper: Annotated[str, typer.Option(help="Where the signed consent is kept; without it the page at the door asks the person.")] = "",
    config: Config = None,
) -> None:
    """Take a finger at the door, and tell each step. The agent must be running. Ends with 1 when none was taken."""
    book, _ = _book(config)
    wish = _try(lambda: book.wish(user, paper))
    steps, advice = (words(table, "zh" if speaks_chinese() else "en") for table in (STEPS, ADVICE))
    shown, over, begun = "asked", False, time.monotonic()
    while not over:
        time.sleep(LOOK_SECONDS)
        said, over = book.step_of(wish)
        if said == "asked" and time.monotonic() - begun > UNHEARD_SECONDS:
            book.told(wish, Step.GIVEN_UP, over=True)
            _refuse(
                say(
                    "The agent does not answer, or its fingerprint module is not connected: see `clockbridge edge status`.",
                    "程序没有应答，或指纹模块未连接：请查看 `clockbridge edge status`。",
                )
            )
        if said != shown:
            shown = said
            step, _, why = said.partition(" ")
            print(" · ".join(filter(None, (advice.get(why, ""), steps[step]))), flush=True)
    if shown != Step.DONE:
        raise typer.Exit(NOT_TAKEN)


@app.command()
def withdraw(user: User, config: Config = None) -> None:
    """The person no longer agrees: the agent erases the fingers from the module; cards stay."""
    book, _ = _book(config)
    _try(lambda: book.withdraw(user))


@app.command()
def remove(user: User, config: Config = None) -> None:
    """Forget a person: name and cards at once, fingers as soon as the agent reaches the module."""
    book, _ = _book(config)
    _try(lambda: book.remove(user))


@app.command()
def new_module(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: Config = None,
) -> None:
    """Another fingerprint module is in its place for good: forget all fingers here, and have the agent empty it."""
    book, _ = _book(config)
    count = sum(known.fingers for known in book.everybody())
    if not yes:
        question = say(
            f"Forget {count} fingers, and erase everything that the module connected now holds?",
            f"确定清除 {count} 枚指纹的登记，并清空当前连接的模块吗？",
        )
        typer.confirm(question, abort=True)
    book.take_new_module()
    print(say("The agent empties it within half a minute; then enrol again.", "程序将在半分钟内清空模块；之后请重新录入。"))


def _book(config: Path | None) -> tuple[StationBook, StationSettings]:
    settings = _try(lambda: load_settings(config))
    if settings.station is None:
        _refuse(say("These settings have no [station]: see docs/how-to/build-a-clock-in-point.md.", "设置中没有 [station] 一节。"))
    book = StationBook(settings.station_file)
    book.make()
    return book, settings.station


def _card(text: str, settings: StationSettings) -> CardNumber:
    try:
        return parse_card(text, CardFormat(settings.card_format))
    except CardNumberError as problem:
        _refuse(say(f"{text}: {problem} (card_format is {settings.card_format})", f"{text}：卡号不符合格式 {settings.card_format}"))


def _try(work: Callable[[], T]) -> T:
    try:
        return work()
    except EdgeError as error:
        _refuse(error.told(chinese=speaks_chinese()))


def _refuse(words: str) -> NoReturn:
    typer.echo(words, err=True)
    raise typer.Exit(CANNOT)
