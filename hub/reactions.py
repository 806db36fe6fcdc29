"""What every fact causes: with it and at once, in its own transaction, and later, by a job after its commit."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from hub import events
from hub.events import Event, TicketOpened
from hub.journal import registry
from hub.journal.registry import Reaction
from hub.routing.actions import check_rules_hold, route
from hub.sla import actions as clocks
from hub.tickets.actions import forward
from tenants.context import SYSTEM, Context

SETTLE_DUPLICATES = "tickets.settle_duplicates"
MOVE_CLOCKS = "sla.move_clocks"
EXAMINE_FILE = "attachments.examine"
CLEAR_FILE = "attachments.clear"
BRING_FILE = "attachments.bring"
SEND_MESSAGE = "messages.send"


def _forward_unscreened(context: Context, event: TicketOpened) -> None:
    """A service that is not screened goes to its team at once; the hub forwards, whoever opened the case."""
    if not event.screened and event.ticket_id is not None:
        forward(replace(context, actor=SYSTEM), event.ticket_id, 1)


NOTHING = Reaction()

REACTIONS: dict[type[Event], Reaction] = {
    # A case comes in: routed, timed, and past screening if its service has none.
    events.CaseOpened: NOTHING,
    events.TicketOpened: Reaction(along=(route, clocks.start_clocks), now=(_forward_unscreened,)),
    events.TicketRouted: NOTHING,
    events.TicketForwarded: NOTHING,
    events.TicketAssigned: NOTHING,
    events.TicketStarted: NOTHING,
    events.StageEntered: NOTHING,
    events.PriorityChanged: Reaction(now=(clocks.move_ticket_clocks,)),
    # Talk with the citizen: the first word from the tenant meets the first response; a question stops the clock.
    events.NoteAdded: NOTHING,
    events.InformationAdded: NOTHING,
    events.ReplySent: Reaction(now=(clocks.meet_first_response,)),
    events.QuestionAsked: Reaction(
        now=(clocks.meet_first_response, partial(clocks.pause_clocks, reason="citizen"))
    ),
    events.QuestionAnswered: Reaction(now=(clocks.resume_clocks,)),
    events.WaitingStarted: Reaction(now=(partial(clocks.pause_clocks, reason="external"),)),
    events.WaitingEnded: Reaction(now=(clocks.resume_clocks,)),
    # Handing on.
    events.TicketTransferred: Reaction(now=(clocks.halt_clocks,), later=(SETTLE_DUPLICATES,)),
    events.TenantAdded: NOTHING,
    events.TicketJoined: Reaction(now=(clocks.halt_clocks,)),
    events.TicketReleased: Reaction(now=(clocks.rerun_clocks,)),
    # Endings.
    events.TicketResolved: Reaction(now=(clocks.meet_all,), later=(SETTLE_DUPLICATES,)),
    events.TicketRejected: Reaction(now=(clocks.meet_all,), later=(SETTLE_DUPLICATES,)),
    events.TicketArchived: Reaction(now=(clocks.halt_clocks,), later=(SETTLE_DUPLICATES,)),
    events.TicketWithdrawn: Reaction(now=(clocks.halt_clocks,), later=(SETTLE_DUPLICATES,)),
    events.TicketClosed: Reaction(now=(clocks.halt_clocks,), later=(SETTLE_DUPLICATES,)),
    events.TicketReopened: Reaction(now=(clocks.rerun_clocks,)),
    events.TicketRated: NOTHING,
    events.TicketImported: NOTHING,
    # The citizen's clock on the whole case.
    events.CaseRested: Reaction(now=(clocks.pause_case_clock,)),
    events.CaseTakenUp: Reaction(now=(clocks.resume_case_clock,)),
    events.CaseClosed: Reaction(now=(clocks.end_case_clock,)),
    events.CaseReopened: Reaction(now=(clocks.rerun_case_clock,)),
    events.KeysThrottled: NOTHING,
    # People.
    events.ContactVerified: NOTHING,
    events.PeopleJoined: NOTHING,
    # E-mails to citizens go out after the commit of what caused them.
    events.MessagePromised: Reaction(later=(SEND_MESSAGE,)),
    events.MessageSent: NOTHING,
    events.MessageGivenUp: NOTHING,
    # Clocks.
    events.RungReached: NOTHING,
    events.ClockMoved: NOTHING,
    # What a tenant sets up.
    events.TenantProvisioned: NOTHING,
    events.TenantStateChanged: NOTHING,
    events.FormPublished: Reaction(now=(check_rules_hold,)),
    events.ServiceSaved: Reaction(now=(check_rules_hold,)),
    events.CalendarChanged: Reaction(now=(clocks.check_levels_hold,), later=(MOVE_CLOCKS,)),
    events.ServiceLevelsChanged: Reaction(later=(MOVE_CLOCKS,)),
    events.RoutingChanged: NOTHING,
    events.LookChanged: NOTHING,
    events.ApiKeyCreated: NOTHING,
    events.ApiKeyRotated: NOTHING,
    events.ApiKeyRevoked: NOTHING,
    # Files: looked into before anybody gets them; bytes nobody needs any more go after the commit that says so.
    events.AttachmentUploaded: Reaction(later=(EXAMINE_FILE,)),
    events.AttachmentReady: Reaction(later=(CLEAR_FILE,)),
    events.AttachmentRefused: Reaction(later=(CLEAR_FILE,)),
    events.AttachmentAdded: NOTHING,
    events.AttachmentCarried: Reaction(later=(BRING_FILE,)),
    events.AttachmentErased: Reaction(later=(CLEAR_FILE,)),
}


def install() -> None:
    """Put this table in force in the process; nothing can be recorded before."""
    registry.install(REACTIONS)
