"""The page as HTML. Everything that comes from elsewhere goes through `escape`. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from edge.collect.files.room import FileState, Handed
from edge.status_page.facts import Facts, ShownPunch
from edge.status_page.texts import TEXTS, ago
from edge.words import ADVICE, STATES, alarm_in_words
from protocol.attlog.problem import Refusal
from protocol.attlog.survey import Survey, odd_count
from protocol.attlog.words import problem_words, refusal_words
from protocol.messages import Health, TerminalHealth

QUIET = {"listening": "ok", "polling": "ok", "reading": "ok", "folder": "ok", "starting": "off"}
"""Colours of a terminal's states; every other one is wrong."""
STATE_COLOURS = {FileState.TAKEN: "ok", FileState.REFUSED: "wrong", FileState.LOOKED: "attention"}
SIGNS = {"ok": "✓", "attention": "!", "wrong": "✕", "off": "○", "quarantine": "?"}
DIRECTIONS = {0: "in", 1: "out"}
CLOCK_OFF_MS = 60_000
WIDE = frozenset({"last-read", "held", "taken", "handed-in"})
"""Columns that a phone has no room for."""


class Html:
    """Writes in one language, with times of one zone."""

    def __init__(self, *, chinese: bool, edge: str, zone: ZoneInfo, now: datetime, signed_in: bool = False) -> None:
        self.chinese = chinese
        self._edge, self._zone, self._now, self._signed_in = edge, zone, now, signed_in

    def text(self, key: str, n: object = "") -> str:
        return TEXTS[key][self.chinese].replace("{n}", str(n))

    # Whole pages ---------------------------------------------------------------------------------------------------------------------

    def start(self, facts: Facts) -> str:
        """The first page: what changes stands in an element of its own, so that what somebody types stays."""
        return self._page("", f'<div id="live">{self.live(facts)}</div>{self._upload(facts.terminals)}')

    def file(self, one: Handed) -> str:
        """The page of a file."""
        return self._page(one.name, f'<p><a href="/">← {self.text("back")}</a></p><div id="live">{self.report(one)}</div>')

    def sign_in(self) -> str:
        """The question for the password."""
        wrong, often = (escape(self.text(key)) for key in ("wrong-password", "too-often"))
        form = (
            f'<form id="sign-in" data-wrong="{wrong}" data-often="{often}"><label for="password">{self.text("password")}</label>'
            f'<input id="password" type="password" autocomplete="current-password" required autofocus>'
            f'<p class="soft">{_code(self.text("password-help"))}</p><p id="told" class="state wrong" role="alert"></p>'
            f'<button class="main">{self.text("sign-in")}</button></form>'
        )
        return self._page("", f'<section class="card narrow">{form}</section>', live=False)

    def gone(self) -> str:
        return self._page("", f'<p>{self.text("gone")}</p><p><a href="/">← {self.text("back")}</a></p>', live=False)

    def _page(self, name: str, content: str, *, live: bool = True) -> str:
        language, other = ("zh-CN", "en") if self.chinese else ("en", "zh")
        title = " · ".join(escape(part) for part in (name, self._edge, self.text("title")) if part)
        leave = f'<button id="sign-out" type="button">{self.text("sign-out")}</button>' if self._signed_in else ""
        return (
            f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<title>{title}</title><link rel="stylesheet" href="/page.css"><script type="module" src="/page.js"></script>'
            f'<body data-live="{"yes" if live else ""}">'
            f'<header><a class="name" href="/"><span class="soft">{self.text("title")}</span> {escape(self._edge)}</a>'
            f'<nav>{leave}<a href="?lang={other}" lang="{other}">{self.text("other-language")}</a></nav></header>'
            f'<p id="lost" class="note wrong" role="status" hidden>{self.text("lost")}</p><main>{content}</main></body></html>'
        )

    # The live part -------------------------------------------------------------------------------------------------------------------

    def live(self, facts: Facts) -> str:
        health = facts.health
        parts = [
            f'<p class="soft">{self.text("as-of")} {self._now.astimezone(self._zone):%Y-%m-%d %H:%M:%S}</p>',
            self._cards(facts),
            self._alarms(facts),
        ]
        if health is not None:
            parts.append(self._terminals(health))
        parts += [self._punches(facts.punches), self._files(facts.files)]
        return "".join(parts)

    def _cards(self, facts: Facts) -> str:
        health = facts.health
        line = self._state("ok", self.text("line-up")) if facts.line_up else self._state("wrong", self.text("line-down"))
        why = self._trouble(facts)
        cards = [self._card("line", line, why)]
        if health is None:
            return f'<div class="cards">{"".join(cards)}</div>'
        waits = f"{health.queue_depth:,}" if health.queue_depth else self.text("queue-none")
        oldest = f"{self.text('oldest')} {self._at(health.oldest_at)} ({self._ago(health.oldest_at)})" if health.oldest_at else ""
        room = "–" if health.free_bytes is None else f"{health.free_bytes / 1e9:,.1f} GB"
        hours = "" if health.hours_left is None else self.text("hours", f"{health.hours_left:,.0f}")
        until = f"{self.text('certificate')} {health.certificate_ends_at:%Y-%m-%d}" if health.certificate_ends_at else ""
        cards += [self._card("queue", escape(waits), oldest), self._card("room", room, hours)]
        cards.append(self._card("release", escape(health.version), until))
        return f'<div class="cards">{"".join(cards)}</div>'

    def _trouble(self, facts: Facts) -> str:
        if facts.trouble is None or (facts.line_up and facts.health is not None):
            return ""
        return escape(facts.trouble.chinese if self.chinese else facts.trouble.english)

    def _card(self, key: str, value: str, below: str) -> str:
        return f'<section class="card"><h2>{self.text(key)}</h2><p class="value">{value}</p><p class="soft">{below}</p></section>'

    def _alarms(self, facts: Facts) -> str:
        notes = [alarm_in_words(alarm, chinese=self.chinese) for alarm in (facts.health.alarms if facts.health else [])]
        if facts.health and facts.health.clock_set_back:
            notes.append(self.text("clock-back"))
        if not notes:
            return f'<p class="note ok">{self.text("no-alarms")}</p>' if facts.health and facts.line_up else ""
        listed = "".join(f"<li>{escape(note)}</li>" for note in notes)
        return f'<section><h2>{self.text("alarms")}</h2><ul class="note wrong">{listed}</ul></section>'

    def _terminals(self, health: Health) -> str:
        heads = ("terminal", "state", "last-punch", "last-read", "clock", "held", "taken")
        rows = [self._terminal(one) for one in health.terminals]
        rows += [
            f"<tr><td>{escape(one.serial)}</td><td>{self._state('attention', self.text('knocking'))}</td>"
            f"<td>{self._at(one.last_at)}</td><td colspan=4>{escape(one.address)}</td></tr>"
            for one in health.knocking
        ]
        body = self._table(heads, rows, numbers=("clock", "held", "taken")) if rows else f'<p class="soft">{self.text("no-terminals")}</p>'
        return f"<section><h2>{self.text('terminals')}</h2>{body}</section>"

    def _terminal(self, one: TerminalHealth) -> str:
        name, serial = one.name or one.serial, one.serial
        words = STATES.get(one.state, (one.state, one.state))[self.chinese]
        below = f'<div class="soft">{escape(serial)}</div>' if serial and serial != name else ""
        advice = ADVICE.get(one.state)
        told = f'<div class="soft">{escape(advice[self.chinese])}</div>' if advice else ""
        drift = "–" if one.drift_ms is None else f"{one.drift_ms / 1000:+.1f} {self.text('seconds')}"
        if one.drift_ms is not None and abs(one.drift_ms) > CLOCK_OFF_MS:
            drift = self._state("wrong", drift)
        held = "–" if one.held is None else f"{one.held:,}"
        return (
            f"<tr><td>{escape(name)}{below}</td><td>{self._state(QUIET.get(one.state, 'wrong'), escape(words))}{told}</td>"
            f"<td>{self._at(one.last_event_at)}</td><td class=wide>{self._at(one.last_read_at)}</td>"
            f'<td class="n">{drift}</td><td class="n wide">{held}</td><td class="n wide">{one.appended + one.doubtful:,}</td></tr>'
        )

    def _punches(self, punches: Sequence[ShownPunch]) -> str:
        rows = [
            f"<tr><td>{self._wall(one.wall)}</td><td>{escape(one.who)}</td><td>{self._way(one)}</td><td>{escape(one.terminal)}</td></tr>"
            for one in punches
        ]
        body = self._table(("time", "who", "way", "terminal"), rows) if rows else f'<p class="soft">{self.text("no-punches")}</p>'
        return f"<section><h2>{self.text('punches')}</h2>{body}</section>"

    def _wall(self, wall: str) -> str:
        today = f"{self._now.astimezone(self._zone):%Y-%m-%d} "
        return f"<time>{escape(wall.removeprefix(today) or '–')}</time>"

    def _way(self, one: ShownPunch) -> str:
        if one.doubtful:
            return self._state("quarantine", self.text("doubtful"))
        return self.text(DIRECTIONS[one.state]) if one.state in DIRECTIONS else "–"

    def _files(self, files: Sequence[Handed]) -> str:
        rows = [
            f'<tr><td><a href="/files/{escape(one.id)}">{escape(one.name)}</a></td><td>{escape(one.terminal)}</td>'
            f"<td class=wide>{self._at(one.at)}</td><td>{self._file_state(one)}</td></tr>"
            for one in files
        ]
        body = self._table(("file", "terminal", "handed-in", "result"), rows) if rows else f'<p class="soft">{self.text("no-files")}</p>'
        return f"<section><h2>{self.text('files')}</h2>{body}</section>"

    # Files ---------------------------------------------------------------------------------------------------------------------------

    def _upload(self, terminals: Sequence[str]) -> str:
        options = "".join(f"<option>{escape(serial)}</option>" for serial in terminals)
        told = {name: escape(self.text(name)) for name in ("uploading", "upload-failed", "no-room", "too-large")}
        marks = " ".join(f'data-{name}="{text}"' for name, text in told.items())
        return (
            f'<section class="card"><form id="upload" {marks}><p>{self.text("files-help")}</p>'
            f'<label for="file">{self.text("choose-file")}</label><input id="file" type="file" required>'
            f'<label for="terminal">{self.text("choose-terminal")}</label><select id="terminal">{options}'
            f'<option value="">{self.text("new-terminal")}</option></select>'
            f'<input id="serial" maxlength="64" pattern="[!-~]+" aria-label="{self.text("new-terminal")}" '
            f"{'hidden' if terminals else ''}>"
            f'<button class="main">{self.text("look")}</button> <span id="told" role="status"></span></form></section>'
        )

    def report(self, one: Handed) -> str:
        """What a file comes to, and what may be done with it."""
        parts = [f"<h1>{escape(one.name)}</h1><p>{self.text('terminal')} {escape(one.terminal)} · {self._file_state(one)}</p>"]
        if one.trouble:
            parts.append(f'<p class="note attention">{escape(one.trouble[self.chinese])}</p>')
        if one.refusal:
            parts.append(f'<p class="note wrong">{escape(refusal_words(one.refusal, one.shown, chinese=self.chinese))}</p>')
        if one.survey is not None and one.over:
            parts += [self._sums(one, one.survey), self._buttons(one, one.survey), self._findings(one.survey)]
        return "".join(parts)

    def _sums(self, one: Handed, survey: Survey) -> str:
        new = one.appended if one.state is FileState.TAKEN else survey.new
        rows = [("punches-in-file", f"{survey.punches:,}"), ("new", "–" if new is None else f"{new:,}")]
        rows.append(("from-to", f"{survey.first} – {survey.last}" if survey.first else "–"))
        rows += [("wrong-lines", f"{survey.doubtful:,}"), ("odd-lines", f"{odd_count(survey):,}")]
        if survey.devices:
            rows.append(("device-numbers", ", ".join(f"{device} ×{count:,}" for device, count in survey.devices.items())))
        note = f'<p class="soft">{self.text("quarantine")}</p>' if survey.doubtful or odd_count(survey) else ""
        return "<dl>" + "".join(f"<dt>{self.text(key)}</dt><dd>{escape(value)}</dd>" for key, value in rows) + f"</dl>{note}"

    def _buttons(self, one: Handed, survey: Survey) -> str:
        buttons = []
        if one.state is FileState.LOOKED:
            buttons = [self._button(one, "take", self.text("take-in"), main=True), self._button(one, "drop", self.text("drop"))]
        if one.refusal is Refusal.SEVERAL_DEVICES:
            buttons = [self._button(one, f"look?device={device}", self.text("only-device", device)) for device in survey.devices]
            buttons.append(self._button(one, "look?any=1", self.text("any-device")))
        return f'<p class="row">{"".join(buttons)}</p>'

    def _button(self, one: Handed, what: str, words: str, *, main: bool = False) -> str:
        kind = ' class="main"' if main else ""
        return f'<button type="button"{kind} data-post="/files/{escape(one.id)}/{escape(what)}">{escape(words)}</button>'

    def _findings(self, survey: Survey) -> str:
        if not survey.findings:
            return f'<p class="note ok">{self.text("all-good")}</p>' if survey.punches else ""
        rows = []
        for found in survey.findings:
            what, mend = problem_words(found.problem, chinese=self.chinese)
            cells = f"<td>{escape(what)}</td><td>{escape(mend)}</td><td><code>{escape(found.shown)}</code></td>"
            rows.append(f'<tr><td class="n">{found.line:,}</td>{cells}</tr>')
        more = f'<p class="soft">{self.text("more-lines", f"{survey.unlisted:,}")}</p>' if survey.unlisted else ""
        return self._table(("number", "problem", "mend", "content"), rows, numbers=("number",)) + more

    def _file_state(self, one: Handed) -> str:
        words = {FileState.TAKEN: self.text("file-taken", f"{one.appended:,}"), FileState.REFUSED: self.text("file-refused")}
        said = words.get(one.state) or self.text(one.state)
        share = f" {one.done / one.size:.0%}" if one.size and not one.over and one.done else ""
        return self._state(STATE_COLOURS.get(one.state, "off"), escape(said + share))

    # Pieces --------------------------------------------------------------------------------------------------------------------------

    def _state(self, kind: str, words: str) -> str:
        return f'<span class="state {kind}"><span aria-hidden="true">{SIGNS[kind]}</span> {words}</span>'

    def _table(self, heads: Iterable[str], rows: Iterable[str], numbers: Sequence[str] = ()) -> str:
        kinds = {key: " ".join(("n" * (key in numbers), "wide" * (key in WIDE))).strip() for key in heads}
        head = "".join(f'<th class="{kinds[key]}">{self.text(key)}</th>' for key in kinds)
        return f'<div class="box" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'

    def _at(self, at: datetime | None) -> str:
        """The time alone where it is of today; the whole of it stands behind it."""
        if at is None:
            return "–"
        here, today = at.astimezone(self._zone), self._now.astimezone(self._zone).date()
        return f'<time title="{here:%Y-%m-%d %H:%M:%S %z}">{here:{"%H:%M:%S" if here.date() == today else "%Y-%m-%d %H:%M"}}</time>'

    def _ago(self, at: datetime | None) -> str:
        return ago(self._now - at if at else timedelta(), chinese=self.chinese)


def _code(text: str) -> str:
    """A command between backticks."""
    before, _, rest = escape(text).partition("`")
    command, _, behind = rest.partition("`")
    return f"{before}<code>{command}</code>{behind}" if rest else before
