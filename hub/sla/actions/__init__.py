"""Acts on service levels and clocks: saving promises, running clocks, moving and sweeping them."""

from __future__ import annotations

from hub.sla.actions.moving import move_clocks, move_ticket_clocks
from hub.sla.actions.running import (
    end_case_clock,
    halt_clocks,
    meet_all,
    meet_first_response,
    pause_case_clock,
    pause_clocks,
    rerun_case_clock,
    rerun_clocks,
    resume_case_clock,
    resume_clocks,
    start_clocks,
)
from hub.sla.actions.saving import Promise, check_levels_hold, save_levels
from hub.sla.actions.sweeping import sweep_clocks

__all__ = [
    "Promise",
    "check_levels_hold",
    "end_case_clock",
    "halt_clocks",
    "meet_all",
    "meet_first_response",
    "move_clocks",
    "move_ticket_clocks",
    "pause_case_clock",
    "pause_clocks",
    "rerun_case_clock",
    "rerun_clocks",
    "resume_case_clock",
    "resume_clocks",
    "save_levels",
    "start_clocks",
    "sweep_clocks",
]
