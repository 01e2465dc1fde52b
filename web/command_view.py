"""One command as a view: how it is, its life, and the parts of one to several."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet

from markupsafe import Markup, escape

from flows.ontology.subjects import BROADCAST
from web import command_html as html
from web import command_words as words
from web import frames
from web.command_bodies import Command, CommandWhole
from web.command_life import life
from web.command_list import CommandList
from web.command_looker import Look
from web.command_notice import notice
from web.command_orders import Orders
from web.command_rows import MOST_TRANSITIONS
from web.following import Place

MOST_PARTS = 1000
MOST_RESULT = 4000


class CommandView:
    """Of an organisation.

    Args:
        look: for whom it is.
        whole: the command as the ledger had it.
        place: how far the board had come before that was read.
        again: reads it again, where the board does not remember all that has become of it.
    """

    def __init__(
        self,
        look: Look,
        whole: CommandWhole,
        place: Place,
        again: Callable[[], CommandWhole | None],
    ) -> None:
        self._look = look
        self._id = whole.command_id
        self._place = place
        self._again = again
        self._life = {each.number: each for each in whole.transitions}
        self._newest: Command = whole
        parts = Orders(
            look.board,
            look.looker.organization,
            lambda command: command.parent_id == whole.command_id,
            MOST_PARTS,
            whole.children,
        )
        self._parts = CommandList(look, parts, "command-parts", "It has no parts yet.")
        self._hear()
        self._sent = self.state()

    def snapshot(self) -> str:
        parts = frames.patch(self.parts()) if self.is_broadcast else ""
        return frames.patch(self.state()) + frames.patch(self.life()) + parts

    def delta(self, changed: AbstractSet[str]) -> str:
        """What has changed since the last call."""
        told = ""
        if self._id in changed:
            self._hear()
            told = frames.patch(self.life())
        before, self._sent = self._sent, self.state()
        if self._sent != before:
            told = frames.patch(self._sent) + told
        return told + (self._parts.delta(changed) if self.is_broadcast else "")

    @property
    def is_broadcast(self) -> bool:
        return self._newest.entity_id == BROADCAST

    def state(self) -> Markup:
        """How it is, and what can be decided of it."""
        look, command = self._look, self._newest
        terms = "".join(
            f"<div><dt>{name}</dt><dd>{text}</dd></div>" for name, text in self._facts() if text
        )
        return notice(look) + Markup(  # noqa: S704  (every text in it is escaped)
            f'<div id="command-state" class="command-state">{html.state(command, look)}'
            f"{html.progress(command)}{html.counts(command.counts)}{html.acts(command, look)}"
            f'<dl class="terms">{terms}</dl></div>'
        )

    def life(self) -> Markup:
        """All that became of it, in turn."""
        return life(each for _, each in sorted(self._life.items()))

    def parts(self) -> Markup:
        """The commands that it is made of."""
        return self._parts.html()

    def _hear(self) -> None:
        """Take over what the board has been told since; from the ledger what it has forgotten."""
        board, organization = self._look.board, self._look.looker.organization
        entries = board.after(organization, self._place)
        told = [each.command for each in entries or () if each.command.command_id == self._id]
        if entries is None and (whole := self._again()) is not None:
            told = [*whole.transitions, whole]
        self._place = board.place
        self._life.update((each.number, each) for each in told)
        for number in sorted(self._life)[:-MOST_TRANSITIONS]:
            del self._life[number]
        known = board.command(organization, self._id)
        newest = [each for each in (known, self._newest, *told) if each is not None]
        self._newest = max(newest, key=lambda each: each.number)

    def _facts(self) -> list[tuple[str, str]]:
        look, command = self._look, self._newest
        whom = look.called(command.entity_id)
        entity = f'<a href="/entities/{escape(command.entity_id)}"><bdi>{escape(whom)}</bdi></a>'
        parent = escape(command.parent_id)
        approved = command.approved_by
        return [
            ("Of", words.SEVERAL if self.is_broadcast else entity),
            ("With", str(escape(words.params(command.command, command.params)))),
            ("Asked for by", f"<bdi>{escape(words.actor(command.requested_by))}</bdi>"),
            ("At", words.moment(command.requested_at)),
            ("Not later than", words.moment(command.expires_at)),
            ("Priority", command.priority),
            ("Approved by", f"<bdi>{escape(words.actor(approved))}</bdi>" if approved else ""),
            ("Part of", f'<a href="/commands/{parent}">one to several</a>' if parent else ""),
            ("Result", self._result()),
            ("Id", f"<code>{escape(command.command_id)}</code>"),
        ]  # fmt: skip

    def _result(self) -> str:
        if not self._newest.result:
            return ""
        return f"<pre>{escape(frames.shown(self._newest.result, MOST_RESULT))}</pre>"
