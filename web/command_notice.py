"""What has to be said before any command is shown: what is not followed, and what is not judged."""

from markupsafe import Markup

from web.command_looker import Look


def notice(look: Look, *more: str) -> Markup:
    """Why what is shown is old, why nothing is judged now, and what else there is to say."""
    told = [each for each in (_old(look), _unjudged(look), *more) if each]
    paragraphs = Markup("").join(Markup("<p>{}</p>").format(each) for each in told)
    return Markup('<div id="command-notice" class="warnings" role="status">{}</div>').format(
        paragraphs
    )


def _old(look: Look) -> str:
    if not look.board.trouble:
        return ""
    return f"Commands are not followed: what is shown is what was last known. {look.board.trouble}"


def _unjudged(look: Look) -> str:
    if not look.board.unjudged:
        return ""
    return (
        "The commands flow is not known to run: what is asked for is stored, and judged when it"
        f" runs, unless its time is over by then. {look.board.unjudged}"
    )
