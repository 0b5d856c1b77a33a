"""Authors, people and lost answers in memory; and that a fault in matching does not get past them.

By day a part of it, under `THOROUGH=1` all: each ordered pair of operations fifty times, and each
mutant of the matcher, which must be found within 5,000 steps.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability.authors import OPERATIONS, Tally, live_through
from tests.reliability.depth import THOROUGH
from tests.reliability.mutation import Mutant, mutate, run_module

SEEDS = range(1, 21 if THOROUGH else 5)
TIMES = 50
"""How often each ordered pair of operations is met, at least."""

STEPS = 5_000
"""Within so many steps each mutant must be found."""


def test_nothing_is_there_twice_lost_or_touched_whatever_authors_do() -> None:
    tally = Tally()
    for seed in SEEDS:
        broken = live_through(1_500 if THOROUGH else 60, seed, tally)
        assert broken is None, broken
    seed = SEEDS.stop
    while THOROUGH and least(tally) < TIMES:
        broken = live_through(1_500, seed, tally)
        assert broken is None, broken
        seed += 1
    assert len({after for _, after in tally.pairs}) == len(OPERATIONS), "each one was met"


def least(tally: Tally) -> int:
    return min(tally.pairs[one, two] for one in OPERATIONS for two in OPERATIONS)


STEP, RULE = "reconcile/match_steps.py", "reconcile/match_rules.py"
MUTANTS = {
    "names before content": Mutant(STEP, "        self.equal()\n", ""),
    "anything at the address of what went out is that": Mutant(
        STEP,
        "            if want.entry.due_at is not None or alike < REPEATED:\n",
        "            if want is None:\n",
    ),
    "what is to come may be what went out, if it is like it": Mutant(
        STEP,
        "            return not self.is_to_come(want)\n",
        "            return True\n",
    ),
    "what went out is what its address asks for": Mutant(
        STEP,
        "            is_over = one.kind is OwnedKind.PUBLISHED and self.is_to_come(want)\n",
        "            is_over = False\n",
    ),
    "a text that moved is an edit": Mutant(STEP, "        self.texts_moved()\n", ""),
    "nearly the text that went out is a new post": Mutant(
        RULE,
        "steps.repeated(want) if gone is None else None",
        "steps.repeated(want) if gone is want else None",
    ),
    "what a person put back is somebody's": Mutant(
        RULE,
        "        waiting = self.queue.take(want, reads_as)\n",
        "        waiting = None\n",
    ),
    "the same text at another time is adopted": Mutant(
        RULE,
        "    return same_as_live(asked, reads_as, live)\n",
        "    return same_text(asked, reads_as, live)\n",
    ),
    "an unanswered create holds its address alone": Mutant(
        "engine/plan_changes.py",
        "            claims=[item.claim for item in undecided if item.claim],\n",
        "",
    ),
    "what has to make room is let go of": Mutant(
        "reconcile/state_updates.py",
        "        left[place] = replace(binding, address=place, protect=False)\n",
        "        assert place\n",
    ),
}
BY_DAY = ("names before content", "nearly the text that went out is a new post")


@pytest.mark.parametrize("name", MUTANTS if THOROUGH else BY_DAY)
def test_a_fault_in_matching_is_found(name: str, tmp_path: Path) -> None:
    mutate(tmp_path, MUTANTS[name])
    found = run_module(tmp_path, "tests.reliability.authors", str(STEPS), "1")
    assert found == 1, f"nobody notices: {name}"
