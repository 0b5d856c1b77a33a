"""Each protection is taken away from a copy of plancast: a test that is named must then fail.

A protection whose loss no test notices is none. docs/reliability.md lists the pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.reliability.mutation import Mutant as Replaced
from tests.reliability.mutation import copy, mutate, run_module

EXACTLY_ONCE = "tests/engine/test_exactly_once.py"
KEYED = "tests/engine/test_keyed.py"
RACES = "tests/engine/test_keyed_races.py"
DECISIONS = "tests/reconcile/test_keyed.py"
ITEMS = "tests/providers/graphql/test_content_items.py"
REPEATS = "tests/engine/test_repeated_texts.py"
CURRENT_API = "tests/commands/test_current_api.py"
CREATING = "tests/providers/graphql/test_creating.py"
DOOR = "tests/store/test_git_process.py"
FOREIGN = "tests/store/test_git_foreign.py"
LAYOUTS = "tests/store/test_git_layouts.py"
FOLDER = "tests/files/test_folder.py"
PROBE = "tests/engine/test_probe.py"
LEFTOVERS = "tests/reconcile/test_probe.py"
LINKS = "tests/commands/test_links.py"
ROUND_TRIP = "tests/providers/graphql/test_settings_round_trip.py"
THREAD_LINKS = "tests/providers/graphql/test_thread_links.py"


@dataclass(frozen=True)
class Mutant(Replaced):
    """A protection that is taken away, and the test that has to notice."""

    test: str


MUTANTS = {
    "the intent write": Mutant(
        "engine/applier.py",
        "            tenure.journal.intend(progress.state, intents)\n",
        "            pass\n",
        f"{EXACTLY_ONCE}::test_a_create_that_was_sent_by_a_killed_run_is_waited_for",
    ),
    "the sent-list look-up": Mutant(
        "engine/observer.py",
        "key: needed[key] for key in sorted(needed) if key in known",
        "key: needed[key] for key in sorted(needed) if False",
        f"{EXACTLY_ONCE}::test_a_queue_post_that_went_out_is_not_created_again",
    ),
    "the unmanaged exclusion": Mutant(
        "engine/recovery.py",
        "        and entry.id not in intent.known\n        and young_enough(entry, intent)\n"
        "        and _fits",
        "        and young_enough(entry, intent)\n        and _fits",
        f"{EXACTLY_ONCE}::test_what_a_person_had_made_before_is_not_taken_for_an_unanswered_create",
    ),
    "the quiet period": Mutant(
        "engine/recovery.py",
        "    until = given_up_at + evidence.quiet_period\n",
        "    until = given_up_at\n",
        f"{EXACTLY_ONCE}::test_the_absence_of_an_unanswered_create_is_not_believed_at_once",
    ),
    "the fence": Mutant(
        "engine/provider_call.py",
        "            fence()\n",
        "",
        f"{EXACTLY_ONCE}::test_a_run_that_was_paused_sends_nothing_once_another_has_taken_over",
    ),
    "the gate that only a call under way opens": Mutant(
        "engine/lease.py",
        "        finally:\n            self._fence = None\n",
        "        finally:\n            pass\n",
        f"{EXACTLY_ONCE}::test_the_wire_lets_no_change_pass_that_no_call_announces",
    ),
    "the mark of each call": Mutant(
        "engine/lease.py",
        "            self.tenure.journal.sending(self.intent_id, moment)\n",
        "",
        f"{EXACTLY_ONCE}::test_each_call_marks_its_own_intent_as_being_sent",
    ),
    "the question about what is only alike": Mutant(
        "engine/recovery.py",
        "_matters(claim, evidence) and (",
        "False and (",
        f"{EXACTLY_ONCE}::test_an_unanswered_create_that_a_person_edited_is_not_made_again",
    ),
    "the memory of abandoned creates": Mutant(
        "engine/recovery.py",
        "        state = state.abandon(_only(intent, absent))\n",
        "        pass\n",
        f"{EXACTLY_ONCE}::test_a_create_that_arrives_after_all_is_shown_and_removed",
    ),
    "the wait for an older update": Mutant(
        "engine/planner.py",
        "        if now < until and",
        "        if False and",
        f"{EXACTLY_ONCE}::test_an_older_update_cannot_win_over_a_newer_one",
    ),
    "no second try for a create": Mutant(
        "engine/provider_call.py",
        "        return operation is not Operation.CREATE\n",
        "        return True\n",
        "tests/reliability/test_faults.py::test_no_fault_at_any_call_makes_a_twin[lost_answer-v1]",
    ),
    "the look at what an edit did": Mutant(
        "providers/buffer_graphql/provider.py",
        "        if missing:\n",
        "        if False:\n",
        f"{CURRENT_API}::test_an_edit_that_is_called_done_and_was_not_is_an_error",
    ),
    "the look by id": Mutant(
        "engine/observer.py",
        "    beside = provider.find(unlisted(desired, owned, listed, facts))\n",
        "    beside = ()\n",
        "tests/engine/test_unlisted.py::test_what_is_there_is_not_created_again[timed]",
    ),
    "the read of an item before it is promoted again": Mutant(
        "engine/keyed_call.py",
        "            return self._look(error)\n",
        "            return self._again(error)\n",
        f"{KEYED}::test_after_a_promotion_without_an_answer_the_item_is_read[True]",
    ),
    "the one item of an intent": Mutant(
        "model/state.py",
        "item=known.item or item",
        "item=item",
        "tests/model/test_state.py::test_the_first_content_item_of_a_keyed_create_stays",
    ),
    "the removal of a draft whose file changed": Mutant(
        "engine/applier.py",
        "        progress = run.discard_drafts(progress)\n",
        "",
        f"{KEYED}::test_a_promotion_that_arrives_late_cannot_make_a_twin_of_a_changed_file[edited]",
    ),
    "the wait for a draft that cannot be removed": Mutant(
        "engine/applier.py",
        "                blocked = progress.blocked_profiles.union(intent.profile_ids)\n",
        "                blocked = progress.blocked_profiles\n",
        f"{KEYED}::test_nothing_is_created_beside_a_draft_that_cannot_be_removed[edited]",
    ),
    "the draft that is only gone on with as it was sent": Mutant(
        "reconcile/keyed.py",
        " and change.after == intent.entry\n",
        "\n",
        f"{KEYED}::test_a_draft_whose_file_has_changed_is_never_promoted_as_it_was[edited]",
    ),
    "the draft that stays open if its run is stopped": Mutant(
        "engine/applier.py",
        "CallOutcome.DRAFTED if one.call.resumes else CallOutcome.NOT_SENT",
        "CallOutcome.NOT_SENT",
        f"{KEYED}::test_a_draft_that_a_stopped_run_did_not_reach_stays_open",
    ),
    "the item that is read although no mark says that it was promoted": Mutant(
        "engine/recovery.py",
        " and intent.given_up_at is None and not intent.item:",
        " and intent.given_up_at is None:",
        "tests/engine/test_recovery.py"
        "::test_a_keyed_create_whose_item_makes_no_more_is_settled_at_once[None-all posts]",
    ),
    "the posts of an item that no list shows": Mutant(
        "engine/observer.py",
        "    beside = (*beside, *_unseen(",
        "    _ = (*beside, *_unseen(",
        f"{KEYED}::test_posts_that_no_list_shows_yet_are_not_made_again",
    ),
    "the creates that are gone on with on all profiles or none": Mutant(
        "reconcile/keyed.py",
        "        if len(found) == len(intent.places):\n",
        "        if found:\n",
        f"{RACES}::test_a_promotion_after_the_plan_makes_no_twin[edited on one profile]",
    ),
    "the read of a draft before it is removed": Mutant(
        "engine/keyed_call.py",
        "        if item is not None and not item.is_draft:\n            return replace(call",
        "        if item is None:\n            return replace(call",
        f"{RACES}::test_posts_that_appear_between_two_reads_stay[edited]",
    ),
    "the read of a stray draft before it is removed": Mutant(
        "engine/applier.py",
        "                if shown is not None and shown.is_draft:\n",
        "                if True:\n",
        f"{RACES}::test_a_stray_draft_that_a_person_has_promoted_since_the_plan_is_left_alone",
    ),
    "the one address of a post of a content item": Mutant(
        "reconcile/state_updates.py",
        "        elif not _is_anothers(state, intent, address, entry):\n",
        "        else:\n",
        f"{RACES}::test_posts_that_appear_between_two_reads_stay[left out of one profile]",
    ),
    "the draft that is not promoted once it is being removed": Mutant(
        "reconcile/keyed.py",
        "is_create and not intent.removes and place",
        "is_create and place",
        f"{RACES}::test_a_draft_being_removed_is_not_promoted_for_a_file_that_is_back",
    ),
    "the mark of a refused draft that is being removed": Mutant(
        "engine/applier.py",
        "        progress = self.written(progress, progress.state.removing(intent.id))\n",
        "",
        f"{RACES}::test_a_draft_being_removed_is_not_promoted_once_there_is_room",
    ),
    "the draft of an open create, which is no stray": Mutant(
        "reconcile/keyed.py",
        "    return _remembered(state, now) - unknown\n",
        "    return _remembered(state, now)\n",
        f"{RACES}::test_the_draft_of_an_open_create_is_no_stray",
    ),
    "the time in the key of a draft": Mutant(
        "reconcile/keyed.py",
        '    name = f"{intent.id} {time_to_text(intent.made_at)}"\n',
        "    name = intent.id\n",
        f"{RACES}::test_a_state_that_was_set_back_makes_no_post_by_the_key_of_another",
    ),
    "the drafts that a probe forbids to promote": Mutant(
        "reconcile/keyed.py",
        "    return () if twice == Answer.DONE_TWICE else open_creates(state)\n",
        "    return open_creates(state)\n",
        f"{RACES}::test_a_draft_is_not_promoted_again_if_a_probe_has_seen_that_make_posts_twice",
    ),
    "the posts that were there before a keyed create": Mutant(
        "reconcile/keyed.py",
        "post.id not in intent.known and young_enough(post, intent)",
        "True",
        f"{DECISIONS}::test_a_post_that_was_there_before_the_create_is_never_ours",
    ),
    "the id of a content item that is read": Mutant(
        "providers/buffer_graphql/content_items.py",
        "            if shown.id != item_id:\n",
        "            if False:\n",
        f"{ITEMS}::test_an_answer_without_the_item_does_not_say_that_it_is_gone[shown1]",
    ),
    "the fence before a promotion": Mutant(
        "engine/keyed_call.py",
        "            call.fence()\n            self.requests",
        "            self.requests",
        f"{RACES}::test_a_run_that_lost_its_right_changes_nothing[promote]",
    ),
    "the search for the draft of a killed run": Mutant(
        "engine/applier.py",
        "                progress = progress if intent.item else self.doubt(progress, intent)\n",
        "                pass\n",
        f"{RACES}::test_the_draft_of_a_killed_run_with_a_forgotten_key_is_removed[desired1]",
    ),
    "the edit of a post whose keyed create was not settled": Mutant(
        "engine/recovery.py",
        "    made = as_sent(intent, verdict.made, evidence.profiles, evidence.expected)\n",
        "    made = verdict.made\n",
        f"{RACES}::test_an_edit_of_a_post_whose_create_was_not_answered_is_drift[the plan]",
    ),
    "the edit of a post that was to be removed as a draft": Mutant(
        "engine/applier.py",
        "self.settle(progress, intent, self.as_sent(intent, answer))\n",
        "self.settle(progress, intent, answer)\n",
        f"{RACES}::test_an_edit_of_a_post_whose_create_was_not_answered_is_drift[the removal]",
    ),
    "the findings that keyed creates need": Mutant(
        "reconcile/safety.py",
        "    if key != Answer.SAME_ITEM:\n",
        "    if False:\n",
        f"{KEYED}::test_without_findings_creates_are_strict_and_the_plan_says_so_once",
    ),
    "the error of a state that proves nothing": Mutant(
        "providers/buffer_graphql/responses.py",
        '    is_over = any(item.get("__typename") == "ContentItemStateError" for item in items)\n',
        "    is_over = False\n",
        f"{ITEMS}::test_a_promotion_that_failed_names_what_a_read_has_to_confirm"
        "[the state of the item]",
    ),
    "the drafts of people": Mutant(
        "providers/buffer_graphql/content_items.py",
        'for item in page.nodes if item.get("title") in titles',
        "for item in page.nodes",
        f"{ITEMS}::test_only_drafts_with_a_title_of_ours_are_found",
    ),
    "the search for the draft of a forgotten key": Mutant(
        "engine/applier.py",
        "        if drafted.is_doubtful:\n",
        "        if False:\n",
        f"{KEYED}::test_the_second_draft_of_a_forgotten_key_is_removed_and_never_one_of_a_person",
    ),
    "the wait for a text that is held": Mutant(
        "reconcile/repeats.py",
        "    if rule is None or not any(_takes(change) for change in changes):\n",
        "    if True:\n",
        f"{REPEATS}::test_the_top_up_creates_each_post_when_the_one_before_it_is_out",
    ),
    "the time after a text went out": Mutant(
        "reconcile/repeats.py",
        "            if tried_at is None or tried_at + wait <= now:\n",
        "            if True:\n",
        f"{REPEATS}::test_a_post_of_a_person_that_went_out_lately_is_read_for_an_approved_create",
    ),
    "the look at what went out while a create waited": Mutant(
        "engine/observer.py",
        "            read_since(needed, approval.profile_id, now - rule.wait)\n",
        "            pass\n",
        f"{REPEATS}::test_a_post_of_a_person_that_went_out_lately_is_read_for_an_approved_create",
    ),
    "the deferral of a refused repetition": Mutant(
        "engine/applier.py",
        "    if answer.queue_full or answer.repeated or ",
        "    if answer.queue_full or ",
        f"{REPEATS}::test_what_was_not_foreseen_is_deferred_and_stays_approved",
    ),
    "the look for the twin of a try that seemed lost": Mutant(
        "engine/provider_call.py",
        "            if doubtful or _is_own_twin(answer, intent.operation, lost_tries):\n",
        "            if doubtful:\n",
        f"{REPEATS}::test_a_refusal_after_a_try_that_seemed_not_to_arrive_is_answered_by_a_look",
    ),
    "the post beside an error": Mutant(
        "providers/buffer_graphql/client.py",
        "    if not isinstance(post, Mapping):\n",
        "    if answer.problems or not isinstance(post, Mapping):\n",
        f"{CURRENT_API}::test_a_post_beside_an_error_is_not_made_again",
    ),
    "the field that holds a content item": Mutant(
        "providers/buffer_graphql/queries.py",
        "      content {{ id body",
        "      contentItem {{ id body",
        "tests/providers/graphql/test_documents.py::test_every_document_is_valid",
    ),
    "the doubt about a content item that failed": Mutant(
        "providers/buffer_graphql/client.py",
        "            raise UnclearError(str(typed_error(payload, creates=True)))\n",
        "            raise typed_error(payload)\n",
        f"{CREATING}::test_a_content_item_that_fails_is_unknown_for_all_its_posts",
    ),
    "the doubt about several creates that were begun": Mutant(
        "providers/buffer_graphql/client.py",
        "        if error.begun and error.code not in NO_RIGHT:\n",
        "        if False:\n",
        f"{CREATING}::test_several_creates_that_were_begun_are_not_sent_again",
    ),
    "the doubt about a failure": Mutant(
        "providers/buffer_graphql/responses.py",
        'kind.endswith("Failure"):',
        "False:",
        "tests/providers/graphql/test_answers.py::test_typed_errors_that_prove_nothing",
    ),
    "the doubt about a type that may be a failure": Mutant(
        "providers/buffer_graphql/responses.py",
        "(kind == _EITHER and (creates or ",
        "(kind == _EITHER and (",
        "tests/providers/graphql/test_refusals.py::test_no_words_decide_whether_a_create_was_made",
    ),
    "the doubt about a type that is not known": Mutant(
        "providers/buffer_graphql/responses.py",
        "(kind and message and not creates)",
        "(kind and message)",
        "tests/providers/graphql/test_refusals.py::test_no_words_decide_whether_a_create_was_made",
    ),
    "the doubt about a create that only words refuse": Mutant(
        "providers/buffer_graphql/responses.py",
        "    limited = by_words and",
        "    limited =",
        "tests/providers/graphql/test_refusals.py"
        "::test_words_without_a_type_or_a_code_prove_nothing_of_a_create",
    ),
    "the approval of a create that is only reserved": Mutant(
        "reconcile/approvals.py",
        "    if change.completes_create:\n",
        "    if False:\n",
        "tests/commands/test_strict_limits.py"
        "::test_the_nightly_run_schedules_what_a_limit_left_as_a_draft",
    ),
    "the room that a scheduled draft takes": Mutant(
        "reconcile/rails.py",
        "_takes_room(change.after) and not _takes_room(change.before, change.live)\n",
        "False\n",
        "tests/commands/test_strict_limits.py"
        "::test_a_full_queue_is_foreseen_for_the_second_phase_as_well",
    ),
    "the changes of a post that is being sent": Mutant(
        "engine/planner.py",
        "    held = {**leaving, **waits}\n",
        "    held = {**waits}\n",
        "tests/commands/test_sending.py::test_a_removed_file_destroys_no_post_that_is_being_sent",
    ),
    "the error that is no verdict": Mutant(
        "providers/buffer_graphql/parse.py",
        'error="" if status == _SENDING else ',
        "error=",
        "tests/providers/graphql/test_reading.py::test_an_error_beside_sending_is_no_verdict",
    ),
    "the post that is shared already": Mutant(
        "providers/buffer_graphql/provider.py",
        'if post.get("status") == "sending":',
        "if False:",
        "tests/commands/test_sending.py::test_a_post_that_is_being_sent_is_shared_already",
    ),
    "the creates that share no request any more": Mutant(
        "engine/applier.py",
        "able, state.abandoned_addresses(), ",
        "able, (), ",
        "tests/reliability/test_grouping.py"
        "::test_one_channel_that_takes_nothing_does_not_stop_the_others_of_an_item",
    ),
    "the end of a run without a budget": Mutant(
        "engine/provider_call.py",
        "    return error.spent or (error.retry_after or 0.0) > PATIENCE\n",
        "    return False\n",
        "tests/engine/test_budget.py::test_the_run_ends_and_says_when_it_goes_on",
    ),
    "the API that ids belong to": Mutant(
        "reconcile/rails.py",
        "    if not (owns and api) or known == api:\n",
        "    if True:\n",
        "tests/commands/test_migrate.py::test_a_state_of_another_api_is_refused",
    ),
    "the pinned repository": Mutant(
        "store/git_process.py",
        '(f"--git-dir={self.git_dir}", f"--work-tree={self.top}")',
        "()",
        f"{LAYOUTS}::test_a_repository_that_was_pinned_stays_the_one",
    ),
    "the settings of every call": Mutant(
        "store/git_process.py",
        "[program, *settings, *args],\n            cwd",
        "[program, *args],\n            cwd",
        f"{DOOR}::test_nothing_overrides_what_protects_git_and_what_it_starts[core.hooksPath]",
    ),
    "the refusal of bare repositories": Mutant(
        "store/git_process.py",
        '    "safe.bareRepository=explicit",\n',
        "",
        f"{DOOR}::test_nothing_overrides_what_protects_git_and_what_it_starts[safe.bareRepository]",
    ),
    "the check of who owns a repository": Mutant(
        "store/git_process.py",
        "_discovered(program, checkout, clean), clean",
        '_named(checkout / ".git"), clean',
        f"{DOOR}::test_a_repository_of_another_user_is_refused_unless_git_knows_it_is_safe",
    ),
    "the comparison with what .git names": Mutant(
        "store/git_process.py",
        "    if not _is_same(discovered, named):\n",
        "    if False:\n",
        f"{LAYOUTS}::test_a_broken_checkout_does_not_lead_to_the_one_around_it"
        "[an empty folder-in:ner]",
    ),
    "the environment without keys": Mutant(
        "store/git_environment.py",
        '("BUFFER_", ',
        "(",
        f"{DOOR}::test_that_of_a_surrounding_git_and_the_keys_do_not[BUFFER_API_KEY]",
    ),
    "the environment without a hook's repository": Mutant(
        "store/git_environment.py",
        "    dropped = _DROPPED | (set(local) - KEPT_SETTINGS)\n",
        "    dropped = _PROGRAMS\n",
        f"{LAYOUTS}::test_the_variables_of_a_hook_lead_to_no_other_state[plain]",
    ),
    "the look at what else a ref holds": Mutant(
        "store/git_ref.py",
        "if name not in ours or not entry.is_file]",
        "if False]",
        f"{FOREIGN}::test_a_run_that_is_under_way_does_not_write_over_other_files",
    ),
    "the look for a branch that is checked out": Mutant(
        "store/git_ref.py",
        "        if folder is not None:\n",
        "        if False:\n",
        f"{FOREIGN}::test_a_branch_that_people_work_on_is_refused[in a linked worktree]",
    ),
    "the look for the default branch": Mutant(
        "store/git_ref.py",
        "        if self.name in (self._default, default_branch(self._git, self.remote)):\n",
        "        if False:\n",
        f"{FOREIGN}::test_a_branch_that_people_work_on_is_refused[the default of the remote]",
    ),
    "the look before a push": Mutant(
        "store/git_ref.py",
        "        self.refuse_branch()\n        commit",
        "        commit",
        f"{FOREIGN}::test_a_branch_that_is_checked_out_meanwhile_is_not_written",
    ),
    "the refusal of links to files": Mutant(
        "files/held_folder.py",
        "_FILE = _NO_LINK | _NO_WAIT |",
        "_FILE = _NO_WAIT |",
        f"{FOLDER}::test_what_stands_in_the_place_of_a_file_is_left_alone"
        "[append-link to a file-by descriptor]",
    ),
    "the refusal of links to folders": Mutant(
        "files/held_folder.py",
        "os.open(name, _FOLDER | _NO_LINK,",
        "os.open(name, _FOLDER,",
        f"{FOLDER}::test_what_stands_in_the_place_of_the_folder_is_left_alone"
        "[create-link to a folder-by descriptor]",
    ),
    "the look at what was opened": Mutant(
        "files/held_folder.py",
        "            self._must_be_file(name, status)\n            if self.fd is None:\n",
        "            if self.fd is None:\n",
        f"{FOLDER}::test_what_stands_in_the_place_of_a_file_is_left_alone[read-pipe-by descriptor]",
    ),
    "the look before a file is replaced": Mutant(
        "files/folder.py",
        "            folder.file(name)\n            draft",
        "            draft",
        f"{LINKS}::test_a_file_of_plancast_is_no_link"
        "[.plancast/state.json.backup-('apply', '--auto-approve')-link to a file]",
    ),
    "the modes of new files": Mutant(
        "files/folder.py",
        "            if exactly or mode == PRIVATE:\n                set_mode(fd, mode)\n",
        "",
        f"{FOLDER}::test_modes_are_ours_whatever_the_umask_is[0o77]",
    ),
    "the tightening of old files": Mutant(
        "files/folder.py",
        "            set_mode(fd, PRIVATE)\n        return os.fdopen(fd, how)",
        "            pass\n        return os.fdopen(fd, how)",
        f"{FOLDER}::test_what_is_too_open_is_tightened_when_it_is_written[append]",
    ),
    "the guard of the checkout": Mutant(
        "files/named_file.py",
        "        if _guard_of(here, guarded) is not None:\n",
        "        if False:\n",
        "tests/files/test_named_file.py::test_what_stands_in_the_checkout_is_left_alone"
        "[replace-link to a file-plan.json]",
    ),
    "the check of a name that is published": Mutant(
        "store/git.py",
        "            if not _NAME.fullmatch(name):\n",
        "            if False:\n",
        f"{LINKS}::test_a_name_that_plancast_did_not_give_is_not_published[too long]",
    ),
    "the refusal of SQLite's journal": Mutant(
        "providers/sandbox.py",
        '    if folder.look(f"{name}{_ROLLBACK}") is not None:\n',
        "    if False:\n",
        f"{LINKS}::test_a_journal_of_sqlite_removes_no_file",
    ),
    "the look at what SQLite opened": Mutant(
        "providers/sandbox.py",
        "        if opened != str(folder.path / name):\n",
        "        if False:\n",
        "tests/providers/test_sandbox.py::test_what_was_opened_is_what_was_looked_at",
    ),
    "the refusal of files that came with the repository": Mutant(
        "app/context.py",
        '        if found:\n            raise Stop([problem("PC014"',
        '        if False:\n            raise Stop([problem("PC014"',
        "tests/store/test_git_tracked_files.py::test_no_command_believes_it"
        "[.plancast/journal.jsonl-command0]",
    ),
    "the bound on what is unpacked": Mutant(
        "net/unpacking.py",
        "        if left < 0 or packer.unconsumed_tail:\n",
        "        if False:\n",
        "tests/net/test_unpacking.py::test_what_unpacks_to_more_than_the_bound_is_not_unpacked",
    ),
    "the bound on what git says": Mutant(
        "store/git_process.py",
        "            if size > self._most:\n",
        "            if size > 2**40:\n",
        f"{DOOR}::test_no_more_output_is_kept_than_a_state_needs[head -c 3000000 /dev/zero-False]",
    ),
    "the picture of a link in the comment": Mutant(
        "render/markdown/content.py",
        "    if link.thumbnail:\n",
        "    if False:\n",
        "tests/render/test_nothing_is_left_out.py::test_no_part_of_an_entry_is_left_out"
        "[Action.CREATE-markdown]",
    ),
    "the guard of what is printed": Mutant(
        "render/streams.py",
        "self.disarmer.feed(self._visible(text))",
        "self._visible(text)",
        "tests/render/test_runner_commands.py::test_nothing_that_is_printed_is_obeyed",
    ),
    "the look at where a request comes from": Mutant(
        "sandbox/server/connection.py",
        "        guard.check_source(head)\n",
        "",
        "tests/sandbox/test_server_guard.py::test_what_a_page_sends_has_no_effect",
    ),
    "the tip rule": Mutant(
        "reconcile/branch_tip.py",
        "        return None if at.commit == at.tip else _older(at)\n",
        "        return None\n",
        "tests/commands/test_clearing.py::test_a_commit_that_was_forced_away_is_refused[github]",
    ),
    "the request that a mark is bound to": Mutant(
        "reconcile/approvals.py",
        "setting.environment, setting.request, key]",
        "setting.environment, key]",
        "tests/commands/test_clearing.py"
        "::test_a_comment_that_is_copied_to_another_request_approves_of_nothing[github]",
    ),
    "the memory of requests that are spent": Mutant(
        "commands/reviewed.py",
        "        if name in self.state.spent:\n",
        "        if False:\n",
        "tests/commands/test_clearing.py"
        "::test_what_was_approved_and_removed_and_added_again_has_to_be_seen_again[github]",
    ),
    "the look whether a request was merged": Mutant(
        "commands/reviewed.py",
        "        if request is not None and not (is_asked_before or self.is_contained(request)):\n",
        "        if request is not None and is_asked_before is None:\n",
        "tests/commands/test_reviewed.py::"
        "test_a_request_that_is_not_merged_approves_of_nothing_after_a_push[github]",
    ),
    "the queue of a state that a renamed folder left": Mutant(
        "reconcile/workspace_identity.py",
        "    return _left_for_another_queue(seen, others) or _new(seen) or _BEGINS\n",
        "    return (_new(seen) or _BEGINS) if others is not None else _BEGINS\n",
        "tests/reconcile/test_workspace_identity.py::"
        "test_the_table[the id elsewhere, its path gone, for another queue]",
    ),
    "the question whether a night may create": Mutant(
        "reconcile/top_up.py",
        "        return approval is not None and not approval.refused\n",
        "        return True\n",
        "tests/commands/test_clearing.py"
        "::test_a_push_that_nobody_reviewed_is_refused_and_no_night_sends_it[github]",
    ),
    "the end of an approval that no file asks for": Mutant(
        "engine/applier.py",
        "        state, dropped = approvals.pruned(state, world.whole)\n",
        "        dropped: tuple[Approval, ...] = ()\n",
        "tests/engine/test_approvals_applied.py::test_what_is_removed_again_is_approved_no_more",
    ),
    "approvals before the first request": Mutant(
        "engine/applier.py",
        "        state, dropped = self.approved(apply_state_changes(state, self.plan.changes))\n",
        "        state, dropped = apply_state_changes(state, self.plan.changes), ()\n",
        "tests/engine/test_approvals_applied.py"
        "::test_all_that_is_sent_was_approved_in_the_state_before",
    ),
    "the schedule that is a top-up": Mutant(
        "commands/apply.py",
        "    return replace(args, waiting=True) if is_old and is_a_night else args\n",
        "    return args\n",
        "tests/commands/test_clearing.py"
        "::test_a_night_that_creates_without_asking_is_a_top_up[github-clock]",
    ),
    "the tip, whether a run asks for a review or not": Mutant(
        "commands/apply.py",
        "    return is_of_a_branch and event_of(runtime.environ) is not None\n",
        "    return False\n",
        "tests/commands/test_clearing.py"
        "::test_a_run_that_asks_for_no_review_applies_the_tip_alone[github-push]",
    ),
    "the end of an approval that was used": Mutant(
        "reconcile/approvals.py",
        "    del left[key]\n",
        "",
        "tests/reconcile/test_approvals.py::test_what_is_made_is_not_approved_again",
    ),
    "the marks of what a comment has no room for": Mutant(
        "commands/comment.py",
        "        if not (is_whole or args.events):\n",
        "        if not (is_whole or marks or args.events):\n",
        "tests/commands/test_comment.py"
        "::test_what_a_comment_has_no_line_for_is_not_approved[github]",
    ),
    "the look at what a neighbour's post has become": Mutant(
        "commands/_shared/plan_session.py",
        "        seen = with_sent(seen, first, around, provider)\n",
        "",
        "tests/commands/test_identity.py"
        "::test_what_a_person_sent_early_and_moves_to_a_neighbour_is_not_sent_again[new]",
    ),
    "the wait for another workspace to let go": Mutant(
        "commands/_shared/plan_session.py",
        "{**unanswered(first.whole, around), **reasons_to_wait(found, files)}",
        "{}",
        "tests/commands/test_identity.py"
        "::test_a_post_that_goes_to_another_workspace_is_adopted_by_neither",
    ),
    "the question about what went out early": Mutant(
        "reconcile/match_scores.py",
        "    is_early = lead(over.binding, over.live) > EARLY\n",
        "    is_early = False\n",
        "tests/reconcile/test_match_rules.py"
        "::test_what_went_out_early_is_asked_about_whatever_its_new_time_and_name",
    ),
    "the booking if no request is left": Mutant(
        "commands/apply.py",
        "            _keep_approvals(clearing, saved, tenure, runtime)\n",
        "",
        "tests/commands/test_clearing.py"
        "::test_what_was_reviewed_is_booked_though_no_request_is_left_to_look[github]",
    ),
    "the memory of what went out before its time": Mutant(
        "reconcile/diff.py",
        "    elif sent and lead(binding, live):\n",
        "    elif not sent and waiting:\n",
        "tests/commands/test_identity.py"
        "::test_what_was_sent_early_is_remembered_until_its_time_though_its_file_goes",
    ),
    "the likeness to what a removed folder owns": Mutant(
        "reconcile/neighbours.py",
        "                resources[address] = replace(binding, address=address)\n",
        "                continue\n",
        "tests/commands/test_identity.py"
        "::test_what_moves_and_is_edited_while_its_folder_goes_is_not_created_twice",
    ),
    "the copy that takes a run for dead": Mutant(
        "store/git.py",
        "uuid.uuid5(uuid.UUID(name), here).hex",
        "name",
        "tests/store/test_git_elsewhere.py::test_a_copy_of_a_folder_does_not_take_its_run_for_dead",
    ),
    "the look whether a plan was shown before the merge": Mutant(
        "commands/comment.py",
        "            if is_asked and not forge.is_open(request):\n                # A",
        "            if False:\n                # A",
        "tests/commands/test_comment.py"
        "::test_what_is_merged_while_it_is_shown_is_not_approved[github]",
    ),
    "the end of requests that a run had no use for": Mutant(
        "commands/reviewed.py",
        "        if marks:\n            self.requests",
        "        if marks and self.left:\n            self.requests",
        "tests/commands/test_clearing.py"
        "::test_a_request_is_used_up_by_a_run_that_had_nothing_left_to_do[github-push]",
    ),
    "the age of a request": Mutant(
        "commands/reviewed.py",
        "        return request.merged_at is None or self.now - request.merged_at < SPENT_FOR\n",
        "        return True\n",
        "tests/commands/test_clearing.py"
        "::test_the_comment_on_a_request_of_long_ago_approves_of_nothing[github]",
    ),
    "the booking of what only waits": Mutant(
        "commands/reviewed.py",
        "        if not (self.wanted or self.plan.has_changes or self.requests or is_over):\n",
        "        if not self.plan.has_changes:\n",
        "tests/commands/test_clearing.py"
        "::test_what_was_merged_into_a_full_queue_is_approved_and_created_at_night[github]",
    ),
    "an old run that asks nobody": Mutant(
        "commands/reviewed.py",
        "        if standing.contained:\n",
        "        if False:\n",
        "tests/commands/test_clearing.py"
        "::test_an_old_run_that_is_repeated_does_not_bring_back_what_was_removed[github]",
    ),
    "the memory of what nobody approved": Mutant(
        "engine/applier.py",
        "        return approvals.noticed(state, world.whole, now), dropped\n",
        "        return state, dropped\n",
        "tests/commands/test_clearing.py"
        "::test_what_nobody_approved_is_reported_each_night_with_its_age[github]",
    ),
    "the look at what an unanswered create may have made and a person sent": Mutant(
        "engine/observer.py",
        "intent.profile_ids if is_sought else ()",
        "()",
        "tests/engine/test_matching_table.py"
        "::test_what_an_unanswered_create_made_may_have_been_sent_at_once",
    ),
    "what a removed folder still owns": Mutant(
        "reconcile/neighbours.py",
        "        if not twin.went_out and _is_left(twin.neighbour, files):\n",
        "        if False:\n",
        "tests/commands/test_identity.py"
        "::test_what_a_folder_that_is_gone_still_owns_is_not_created_twice",
    ),
    "the look whether a workspace is still there": Mutant(
        "commands/state.py",
        "    if stores.stands(",
        "    if False and stores.stands(",
        "tests/commands/test_identity.py::test_the_state_of_a_workspace_that_stands_is_not_adopted",
    ),
    "what went out from a neighbour": Mutant(
        "reconcile/match.py",
        "            [entry for entry in side.sent if entry.id not in owned],\n",
        "            [entry for entry in side.sent if entry.id not in taken],\n",
        "tests/reconcile/test_match_rules.py::test_what_went_out_from_a_neighbour_is_not_sent_again",
    ),
    "the id of a workspace": Mutant(
        "reconcile/workspace_identity.py",
        "    return bool(here.id and recorded) and here.id != recorded\n",
        "    return False\n",
        "tests/reconcile/test_workspace_identity.py::test_the_table[id differs]",
    ),
    "the look at what neighbours own": Mutant(
        "commands/_shared/plan_session.py",
        "    if _takes_hold(first, state):\n",
        "    if False:\n",
        "tests/commands/test_identity.py"
        "::test_a_post_that_goes_to_another_workspace_is_adopted_by_neither",
    ),
    "groups that a scope leaves whole": Mutant(
        "reconcile/groups.py",
        "        if others:\n",
        "        if False:\n",
        "tests/commands/test_matching.py::test_no_scope_takes_half_of_what_belongs_together",
    ),
    "the question about a text that was published": Mutant(
        "reconcile/match_rules.py",
        "steps.repeated(want) if gone is None else None",
        "None",
        "tests/reconcile/test_match_rules.py",
    ),
    "the code in a checkout that a package names": Mutant(
        "providers/entry_points.py",
        "        if not all(self._is_trusted(Path(place)) for place in places):\n",
        "        if False:\n",
        "tests/providers/test_registry.py"
        "::test_code_in_a_checkout_is_not_run_though_a_package_names_it",
    ),
    "the metadata of packages in a checkout": Mutant(
        "providers/entry_points.py",
        "if self._is_trusted(_place(",
        "if True or (_place(",
        "tests/providers/test_registry.py::test_metadata_in_a_checkout_counts_for_nothing",
    ),
    "the keys of a package in reports of bugs": Mutant(
        "app/process.py",
        "        installed = registry.installed()\n",
        "        installed = ()\n",
        "tests/providers/test_registry.py::test_the_keys_of_a_package_are_kept_out_of_reports",
    ),
    "the keys of a package that git could see": Mutant(
        "app/context.py",
        "        dropped = registry.secrets([used] if used else [])\n",
        "        dropped = registry.secrets()\n",
        "tests/providers/test_registry.py::test_git_is_started_without_the_keys_of_a_package",
    ),
    "the limit of an account in the order of calls": Mutant(
        "engine/applier.py",
        "world.provider.capabilities.with_queue_limit(world.queue_limit)",
        "world.provider.capabilities",
        "tests/engine/test_planner.py"
        "::test_what_frees_a_place_goes_first_if_the_account_limits_the_queue",
    ),
    "the difference that an edit of a field makes": Mutant(
        "reconcile/compare.py",
        "getattr(entry, row.name))) for row in ENTRY_FIELDS)",
        "getattr(entry, row.name))) for row in ENTRY_FIELDS[:-1])",
        "tests/model/test_entry_fields.py::test_an_edit_of_a_field_is_an_update",
    ),
    "the check of the table of fields": Mutant(
        "model/entry_fields.py",
        "\n\n_require_complete()\n",
        "\n",
        "tests/model/test_entry_fields.py::test_a_run_with_a_table_that_forgets_a_field_is_refused",
    ),
    "the link of a longer address": Mutant(
        "networks/sent_text.py",
        "return url in text.split() or url in map(_bare, _ADDRESS.findall(text))",
        "return True",
        "tests/networks/test_counting.py::test_a_text_holds_a_link_if_it_is_one_of_its_addresses",
    ),
    "the measure of what is sent": Mutant(
        "lint/network_limits.py",
        "text = sent_text(entry, service, limits, context.features.link_cards)",
        "text = entry.text",
        "tests/networks/test_counting.py::test_a_text_that_the_network_would_refuse_is_reported",
    ),
    "the content warning that counts": Mutant(
        "networks/counting.py",
        "return _units(warning + text, counting)",
        "return _units(text, counting)",
        "tests/networks/test_counting.py::test_a_content_warning_counts_with_the_text",
    ),
    "the public addresses of media": Mutant(
        "net/media_probe.py",
        "if not all(is_public(ip) for ip in addresses):",
        "if not any(is_public(ip) for ip in addresses):",
        "tests/net/test_media_probe.py::test_a_name_of_a_private_network_is_not_asked_and_not_shown",
    ),
    "the bound of redirects": Mutant(
        "net/media_probe.py",
        "range(MOST_REDIRECTS + 1)",
        "range(MOST_REDIRECTS + 2)",
        "tests/net/test_media_probe.py::test_redirects_are_counted",
    ),
    "the address that a name had": Mutant(
        "net/media_transport.py",
        "httpx.URL(request.url).copy_with(host=request.ip)",
        "httpx.URL(request.url)",
        "tests/net/test_media_transport.py::test_it_connects_to_the_address_and_speaks_to_the_name",
    ),
    "the environment beside media": Mutant(
        "net/media_transport.py",
        "trust_env=False,\n            follow",
        "trust_env=True,\n            follow",
        "tests/net/test_media_transport.py::test_nothing_of_the_user_goes_along",
    ),
    "the metadata service": Mutant(
        "net/public_addresses.py",
        '        "169.254.0.0/16",',
        '        "169.254.0.0/32",',
        "tests/net/test_media_probe.py::test_a_name_of_a_private_network_is_not_asked_and_not_shown",
    ),
    "the fork that asks for nothing": Mutant(
        "commands/_shared/media_check.py",
        "if not forks and is_request_from_fork(runtime.environ):",
        "if not forks and is_request_from_fork({}):",
        "tests/commands/test_media.py::test_for_a_request_from_a_fork_nothing_is_asked_unless_that_is_said",
    ),
    "the end of a signature": Mutant(
        "lint/media.py",
        "elif found.at <= due:",
        "elif found.at < due:",
        "tests/lint/test_media.py::test_the_end_is_compared_with_the_time_of_the_post",
    ),
    "the hashtag that YAML takes": Mutant(
        "content/swallowed.py",
        "            if not breaks or index - breaks[-1].end() > column:\n",
        "            if not breaks:\n",
        "tests/content/test_swallowed.py::test_a_part_of_a_text_that_is_lost_is_an_error",
    ),
    "the hashtags that are no labels": Mutant(
        "content/schema_errors.py",
        "        hint = advice(str(key), known)\n",
        '        hint = ""\n',
        "tests/content/test_foreign_keys.py::test_hashtags_are_not_tags",
    ),
    "the target that matches nothing": Mutant(
        "commands/apply.py",
        "        require_targets(args.targets, looked.asked, state, planned.whole)\n",
        "",
        "tests/commands/test_targets.py::test_a_target_that_matches_nothing_is_an_error",
    ),
    "the Markdown that cannot be converted": Mutant(
        "content/markdown.py",
        "if any(token.level >= _DEEPEST - 1 for token in tokens):",
        "if False:",
        "tests/content/test_markdown.py::test_what_has_no_plain_form_is_sent_as_it_is_written_and_reported",
    ),
    "the nearest setting for Markdown": Mutant(
        "content/loader.py",
        '    for layer in reversed(above):\n        if "markdown" in layer.spec:',
        '    for layer in above:\n        if "markdown" in layer.spec:',
        "tests/content/test_post_body.py::test_the_nearest_setting_counts",
    ),
    "the account that is not known yet": Mutant(
        "lint/base.py",
        "is_open = not self.accounts_known and",
        "is_open =",
        "tests/lint/test_rules.py::test_a_limit_that_an_account_may_have_is_no_error_until_it_is_known",
    ),
    "the limit that a plan carries": Mutant(
        "engine/plan_changes.py",
        "usual if own is None else own",
        "usual",
        "tests/commands/test_account_limits.py::test_the_counters_show_the_limit_that_was_checked",
    ),
    "the limit that the provider raised": Mutant(
        "commands/_shared/plan_session.py",
        "return replace(profile, text_limit=limits.text)",
        "return profile",
        "tests/commands/test_account_limits.py::test_a_limit_that_buffer_raises_holds_and_is_remembered",
    ),
    "the rolling day": Mutant(
        "lint/times.py",
        "while due.at - dues[first].at >= _DAY:",
        "while due.at - dues[first].at > _DAY:",
        "tests/lint/test_rules.py::test_how_many_go_out_in_24_hours",
    ),
    "the hashtags of the first comment": Mutant(
        "lint/text_contents.py",
        " + len(hashtags(entry.first_comment))",
        "",
        "tests/lint/test_rules.py::test_what_stands_in_texts",
    ),
    "the entry that is known in part": Mutant(
        "reconcile/expand.py",
        "and item.is_comparable and not post.unread:",
        "and item.is_comparable:",
        "tests/content/test_partial.py::test_no_plan_gets_what_is_known_only_in_part",
    ),
    "the workspace that is known in part": Mutant(
        "content/loader.py",
        "settings.workspace if settings.is_whole else None",
        "settings.workspace",
        "tests/content/test_partial.py::test_a_setting_that_could_not_be_read_has_no_default",
    ),
    "the alternative text of a removed image": Mutant(
        "reconcile/diff.py",
        "return leaf.path in alts_to_send and not is_there",
        "return not is_there",
        "tests/reconcile/test_diff.py::test_images_with_alternative_texts",
    ),
    "the edit that was seen": Mutant(
        "reconcile/diff.py",
        "if edits and _is_settled(item, binding, live, context):",
        "if edits:",
        "tests/commands/test_pull_reports.py::test_an_edit_of_what_went_out_is_reported_until_an_apply_showed_it",
    ),
    "the warnings that are counted": Mutant(
        "model/plan.py",
        "if item.severity is Severity.ERROR or",
        "if item.severity is not Severity.WARNING or",
        "tests/render/test_problem_groups.py::test_only_warnings_are_counted_and_errors_always_shown",
    ),
    "the posts that a mark of a tool hides": Mutant(
        "reconcile/rails.py",
        "    if behind:\n",
        "    if False:\n",
        "tests/commands/test_marked_folders.py::test_posts_behind_a_mark_are_destroyed_only_with_consent",
    ),
    "the port of an image": Mutant(
        "net/media_probe.py",
        "if not 0 < port < 65536:",
        "if False:",
        "tests/net/test_media_probe.py::test_addresses_that_are_not_asked",
    ),
    "the plain file of the cache": Mutant(
        "net/media_memory.py",
        "os.O_RDONLY | _NO_LINK | _NO_WAIT",
        "os.O_RDONLY | _NO_WAIT",
        "tests/net/test_media_memory.py::test_only_a_plain_file_of_the_user_is_read",
    ),
    "the highest limit of any account": Mutant(
        "lint/base.py",
        "own = min(own, limits.text_at_most)",
        "pass",
        "tests/lint/test_rules.py::test_what_a_state_remembers_raises_no_limit_beyond_what_any_account_has",
    ),
    "the moments beyond all bounds": Mutant(
        "lint/media_expiry.py",
        "except (ValueError, OverflowError):",
        "except ValueError:",
        "tests/lint/test_media.py::test_the_verdict_on_an_address",
    ),
    "the images beside a card": Mutant(
        "providers/buffer_features.py",
        "replaces_images=True",
        "replaces_images=False",
        "tests/lint/test_rules.py::test_images_that_are_not_sent_beside_a_card_are_a_warning",
    ),
    "the comment above a post that is passed on": Mutant(
        "providers/buffer_graphql/build_input.py",
        '"comment": text}',
        '"comment": ""}',
        f"{ROUND_TRIP}::test_the_comment_above_a_post_that_is_passed_on_is_the_text",
    ),
    "the whole object that an edit takes away": Mutant(
        "providers/buffer_graphql/metadata.py",
        "None if name in emptied else value",
        "value",
        f"{ROUND_TRIP}::test_settings_read_back_as_they_were_asked_for",
    ),
    "the parts beside a post that is passed on": Mutant(
        "networks/requirements.py",
        "if settings.get(name) or getattr(entry, name, None):",
        "if False:",
        "tests/networks/test_abilities.py::test_what_a_post_cannot_have_if_it_passes_on_another",
    ),
    "the host of a post on X": Mutant(
        "networks/twitter.py",
        "(?:x|twitter)\\.com",
        "[^/]*(?:x|twitter)\\.com",
        "tests/networks/test_networks.py::"
        "test_a_post_on_a_network_is_known_by_its_number_or_its_address",
    ),
    "the card that grew out of a part of a thread": Mutant(
        "reconcile/compare.py",
        "        _card(_Sides(seen.link, asked.link, as_entry, None)),\n",
        "        seen.link,\n",
        f"{THREAD_LINKS}::"
        "test_a_card_that_was_not_asked_for_is_drift_unless_it_grew_out_of_the_text",
    ),
    "the card of a part of a thread": Mutant(
        "providers/buffer_graphql/build_input.py",
        '    if card is not None:\n        fields["metadata"]',
        '    if False:\n        fields["metadata"]',
        f"{THREAD_LINKS}::test_links_of_a_thread_read_back_as_they_were_asked_for",
    ),
    "the limits that an import saw": Mutant(
        "commands/import_.py",
        ", profiles=seen)",
        ")",
        "tests/commands/test_account_limits.py::test_what_an_import_saw_is_remembered",
    ),
    "the record of a probe's object": Mutant(
        "engine/probe.py",
        "        self.world.record(tuple(self.objects))\n",
        "        pass\n",
        f"{PROBE}::test_every_object_stands_in_the_state_before_it_is_made",
    ),
    "the id of a probe's draft before its edit": Mutant(
        "engine/probe.py",
        "        self._save()\n        with self._answering(Question.LINK_DRAFT):\n",
        "        with self._answering(Question.LINK_DRAFT):\n",
        f"{PROBE}::test_a_draft_that_a_person_has_edited_is_left_to_that_person",
    ),
    "the year ahead of a probe's posts": Mutant(
        "engine/probe.py",
        "YEAR = timedelta(days=365)\n",
        "YEAR = timedelta(days=5)\n",
        f"{PROBE}::test_nothing_that_a_probe_makes_can_go_out_within_a_year",
    ),
    "the one post of a probe": Mutant(
        "engine/probe.py",
        "if not post.remote_id and (no_effect or self._item is None):",
        "if not post.remote_id:",
        f"{PROBE}::test_beside_a_promotion_that_may_still_arrive_no_other_post_is_scheduled",
    ),
    "the reading of a promoted item": Mutant(
        "engine/probe.py",
        "            if shown.posts:\n",
        "            if reply is not None and shown.posts:\n",
        f"{PROBE}::test_a_promotion_whose_answer_was_lost_is_read_and_not_taken_for_failed",
    ),
    "the text of a probe's object": Mutant(
        "reconcile/probe_leftovers.py",
        "        elif _is_still_ours(one, facts.markers):\n",
        "        elif True:\n",
        f"{PROBE}::test_a_draft_that_a_person_has_edited_is_left_to_that_person",
    ),
    "the age of a probe's object": Mutant(
        "reconcile/probe_leftovers.py",
        "            and _is_made_since(one, since)\n",
        "",
        f"{LEFTOVERS}::test_what_is_left_of_a_probe",
    ),
    "the number of a probe's objects": Mutant(
        "reconcile/probe_leftovers.py",
        "        if len(alike) > len(group):\n",
        "        if False:\n",
        f"{PROBE}::test_more_copies_than_were_made_are_left_to_a_person",
    ),
    "the owned entries beside a probe": Mutant(
        "reconcile/probe_leftovers.py",
        " if one.id not in facts.owned}",
        "}",
        f"{PROBE}::test_what_the_state_owns_is_never_removed",
    ),
    "the late objects of a probe": Mutant(
        "reconcile/probe_leftovers.py",
        "facts.now < record.recorded_at + facts.quiet_period",
        "False",
        f"{LEFTOVERS}::test_what_is_left_of_a_probe",
    ),
    "the fence of a probe": Mutant(
        "engine/lease.py",
        '        """Check the lease right before a request. Raises StateMoved."""\n'
        "        self.tenure.must_hold()\n",
        '        """Check the lease right before a request. Raises StateMoved."""\n',
        f"{EXACTLY_ONCE}::test_a_probe_sends_nothing_once_another_run_has_taken_over",
    ),
    "the question before a probe": Mutant(
        "commands/_shared/account_probe.py",
        "    if not args.yes and not console.stdin.isatty():\n",
        "    if False:\n",
        "tests/commands/test_probe.py::test_nothing_is_made_before_a_person_says_yes",
    ),
    "the account of a probe": Mutant(
        "commands/_shared/account_probe.py",
        "        if refusal := guard_account(state, around.account):\n",
        "        if refusal := None:\n",
        "tests/commands/test_probe.py::test_a_state_about_another_account_is_not_probed_with",
    ),
    "the plain words of a probe": Mutant(
        "commands/_shared/account_probe.py",
        "    is_plain = _PLAIN.fullmatch(words) is not None\n",
        "    is_plain = True\n",
        "tests/commands/test_probe.py::test_words_of_the_server_are_shown_if_they_are_plain",
    ),
    "the field that no schema has": Mutant(
        "providers/buffer_graphql/probe.py",
        "            if probe_queries.SENTINEL not in unknown:\n",
        "            if False:\n",
        "tests/providers/graphql/test_probe.py::test_a_server_that_does_not_name_the_sentinel_says_nothing",
    ),
    "what a probe left, in a plan": Mutant(
        "engine/observer.py",
        "    queue = _without_probes(provider.read(profiles), state)\n",
        "    queue = provider.read(profiles)\n",
        "tests/commands/test_probe.py::test_plan_apply_and_import_leave_alone_what_a_probe_left",
    ),
    "the account of findings": Mutant(
        "model/findings.py",
        "    if found is None or (found.account_id, found.api) != (account_id, api):\n",
        "    if found is None:\n",
        "tests/model/test_findings.py::test_an_answer_counts_for_its_account_and_api",
    ),
    "the report that leaves less": Mutant(
        "net/rate_merge.py",
        "if known is None or _caution(word) < _caution(known):",
        "if known is None or word.age < known.age:",
        "tests/net/test_rate_merge.py::test_of_two_reports_on_a_window_that_one_in_force_is_used_which_leaves_less",
    ),
    "the merge of two logs": Mutant(
        "net/limiter_log.py",
        "                self._merge(source, target, moment)\n",
        "                pass\n",
        "tests/net/test_limiter_accounts.py::test_two_keys_of_an_account_share_its_budget_from_the_first_answer_on",
    ),
    "the redirect of a log": Mutant(
        "net/limiter_log.py",
        "                self._folder.replace(first, records.encode_redirect(target))\n",
        "                pass\n",
        "tests/net/test_limiter_accounts.py::test_two_keys_of_an_account_share_its_budget_from_the_first_answer_on",
    ),
    "the origin in the name of a log": Mutant(
        "net/limiter_log.py",
        "_digest('account', self.origin, account_id)",
        "_digest('account', account_id)",
        "tests/net/test_limiter_accounts.py::test_an_origin_shares_with_no_other",
    ),
    "the target of a redirect": Mutant(
        "net/limiter_records.py",
        'return Redirect(_target(documents[0]["moved"]))',
        'return Redirect(documents[0]["moved"])',
        "tests/net/test_limiter_accounts.py::test_a_redirect_leads_to_logs_of_accounts_alone",
    ),
    "the compaction of a log": Mutant(
        "net/limiter_records.py",
        "return text.records > max(_FEW, 2 * len(log.slots))",
        "return False",
        "tests/net/test_limiter_accounts.py::test_a_log_is_written_anew_when_half_of_it_is_old",
    ),
    "the account of a budget": Mutant(
        "providers/factories.py",
        "limiter.remaining, log.belongs_to)",
        "limiter.remaining)",
        "tests/providers/test_shared_budget.py::test_two_keys_of_an_account_share_the_budget_from_the_second_run_on",
    ),
    "posts without their numbers": Mutant(
        "providers/buffer_graphql/client.py",
        "self._with_metrics = False",
        "pass",
        "tests/providers/graphql/test_provider.py::test_a_key_that_may_not_read_statistics_reads_the_posts_alone",
    ),
    "the edit that mends a failed post": Mutant(
        "reconcile/diff.py",
        "    if not sides.edits:\n        return base\n",
        "",
        "tests/reconcile/test_repairs.py::test_the_table_of_edits",
    ),
    "the time of a mended post": Mutant(
        "reconcile/diff.py",
        "    if _has_passed(item.entry, context.now):\n"
        "        return too_late(base, sides.edits, title)\n",
        "",
        "tests/reconcile/test_repairs.py::test_the_table_of_edits",
    ),
    "the failed entry that is not adopted": Mutant(
        "reconcile/diff.py",
        "    if is_failed(live):\n        return _failed(sides, base, context)\n",
        "",
        "tests/reconcile/test_repairs.py::test_a_failed_entry_is_not_adopted_as_it_is",
    ),
    "what a repair replaces": Mutant(
        "engine/applier.py",
        "previous = replaced_entry(call.changes[0])",
        "previous = call.changes[0].before",
        "tests/engine/test_repairs.py::test_the_current_api_schedules_a_mended_post_again",
    ),
    "the repair that did not arrive": Mutant(
        "engine/recovery.py",
        "arrived = entry_now is not None and not _still_failed(binding, entry_now)",
        "arrived = entry_now is not None",
        "tests/engine/test_repairs.py::test_a_repair_whose_answer_is_lost_is_no_proof_that_it_arrived",
    ),
    "the room of a repair": Mutant(
        "reconcile/rails.py",
        "not _takes_room(change.before, change.live)",
        "not _takes_room(change.before)",
        "tests/engine/test_repairs.py::test_a_repair_waits_for_room",
    ),
    "the room of a failed entry": Mutant(
        "reconcile/rails.py",
        "return not is_failed(live) and (entry is None",
        "return (entry is None",
        "tests/engine/test_repairs.py::test_a_failed_entry_takes_no_room",
    ),
    "the failed post that may go": Mutant(
        "reconcile/rails.py",
        "exempt = is_failed(change.live) or Situation.STRAY in change.situations",
        "exempt = Situation.STRAY in change.situations",
        "tests/engine/test_repairs.py::test_a_failed_post_may_go_at_any_time",
    ),
    "the old entry of a repair": Mutant(
        "engine/plan_changes.py",
        "            changes.append(removed(diff(old, context), change.zone))\n",
        "            pass\n",
        "tests/engine/test_repairs.py::test_a_mended_post_goes_out_once",
    ),
    "the update that left a post failed": Mutant(
        "providers/buffer_graphql/provider.py",
        "        if shown.status is LiveStatus.FAILED:\n",
        "        if False:\n",
        "tests/providers/test_contract.py::test_an_update_after_which_a_post_is_failed_still_is_refused",
    ),
    "the end of a probe that the user ends": Mutant(
        "engine/probe.py",
        "        if self.world.stop():",
        "        if False:",
        "tests/engine/test_probe.py::test_a_probe_that_the_user_ends_asks_no_further_and_removes_what_it_made",
    ),
    "the log from before a clock was set back": Mutant(
        "net/limiter_log.py",
        "if changed == shared and not (text.whole and is_before(moment, text.stamp)):",
        "if changed == shared:",
        "tests/net/test_limiter_log.py::test_a_log_from_before_a_start_with_a_clock_that_was_set_back_runs_out",
    ),
    "the circle of redirects": Mutant(
        "net/limiter_log.py",
        "isinstance(content, Redirect) and name != self._names.first",
        "False",
        "tests/net/test_limiter_accounts.py::test_a_redirect_in_the_log_of_an_account_is_damage_and_leads_nowhere",
    ),
    "the hashtag behind the sign of a block": Mutant(
        "content/yaml_reader.py",
        "start = end_of_line.start() if end_of_line else len(text)",
        'start = text.find("\\n", start)',
        "tests/content/test_yaml_reader.py::test_the_short_way_reads_as_the_long_way_does",
    ),
    "the link to a folder that it lies in": Mutant(
        "content/discovery.py",
        "folder.parent.resolve().is_relative_to(real)",
        "root.is_relative_to(real)",
        "tests/content/test_loader.py::test_a_link_to_a_folder_that_it_lies_in_gives_no_second_name",
    ),
    "the beginning of a log that was read before": Mutant(
        "net/limiter_records.py",
        "known.whole and raw.startswith(before) and",
        "known.whole and",
        "tests/net/test_limiter_records.py::test_a_log_that_was_written_anew_is_read_anew",
    ),
    "the order of what is read side by side": Mutant(
        "net/side_by_side.py",
        "            while waiting:\n                yield waiting.popleft()",
        "            while waiting:\n                yield waiting.pop()",
        "tests/net/test_side_by_side.py::test_results_have_the_order_of_the_calls",
    ),
    "no cache in CI": Mutant(
        "app/context.py",
        "if no_cache or any(self.environ.get(name) for name in _IN_CI):",
        "if no_cache:",
        "tests/commands/test_cache.py::test_no_run_of_ci_reads_or_writes_it",
    ),
    "no cache for a saved plan": Mutant(
        "commands/plan.py",
        'self.out is None and self.format_name != "json"',
        'self.format_name != "json"',
        "tests/commands/test_cache.py::test_no_saved_plan_reads_it",
    ),
    "no cache for a plan in JSON, or of a top-up": Mutant(
        "commands/plan.py",
        'self.out is None and self.format_name != "json" and not self.waiting',
        "self.out is None",
        "tests/commands/test_cache.py::test_no_plan_that_can_be_applied_reads_it",
    ),
    "the checksum of a row": Mutant(
        "files/row_cache.py",
        "or checksum != _checksum(key, value)",
        "or False",
        "tests/files/test_row_cache.py::test_a_row_whose_checksum_does_not_fit_is_not_there",
    ),
    "the images on this disk": Mutant(
        "content/loader.py",
        "and not any(image.file for image in images)",
        "",
        "tests/commands/test_cache.py::test_an_image_of_this_disk_is_looked_for_in_each_run",
    ),
    "problems of the first validation": Mutant(
        "content/validate.py",
        " and (item.at.file, item.at.document) not in reported",
        "",
        "tests/content/test_validated_again.py::test_a_further_validation_says_what_a_first_one_would",
    ),
    "the services of the first validation": Mutant(
        "content/validate.py",
        "return services == before and features == self.context.features",
        "return True",
        "tests/content/test_validated_again.py::test_a_further_validation_says_what_a_first_one_would",
    ),
    "the accounts of the first validation": Mutant(
        "content/validate.py",
        "if context.view_of(profile) == self.context.view_of(self.profiles[alias])",
        "",
        "tests/content/test_validated_again.py::test_a_further_validation_says_what_a_first_one_would",
    ),
    "the content that a position is in": Mutant(
        "content/source.py",
        "if _checksum(raw) == checksum else None",
        "if True else None",
        "tests/content/test_loader.py::test_a_position_is_one_in_the_text_that_was_loaded",
    ),
    "what a stop kept from being sent": Mutant(
        "engine/applier.py",
        "is_for_later = part.resumes_in is not None or self.stop()",
        "is_for_later = part.resumes_in is not None",
        "tests/engine/test_approvals_applied.py::test_what_a_stop_kept_from_being_sent_stays_approved",
    ),
    "no approval by a variable": Mutant(
        "commands/_shared/lazy_group.py",
        "    if longest not in BY_VARIABLE:\n        return None\n",
        "",
        "tests/commands/test_verbs.py::test_no_variable_approves_anything_or_overrides_a_rail",
    ),
    "the order of the pages of a sent list": Mutant(
        "providers/buffer_v1/pagination.py",
        "[1 if filtered or not moves else _pages(first)",
        "[1 if filtered else _pages(first)",
        "tests/providers/test_reading.py::test_a_sent_list_that_grows_loses_none_whichever_page_is_answered_first",
    ),
    "the look into the past of what is due": Mutant(
        "reconcile/needed_lookups.py",
        " item.entry.due_at is None or item.entry.due_at <= now\n",
        " item.entry.due_at is None\n",
        "tests/reconcile/test_needed_lookups.py::test_a_profile_with_a_future_alone_needs_no_matching",
    ),
    "one resource a line": Mutant(
        "store/state_json.py",
        "            if not isinstance(line, dict) or len(line) != 1:",
        "            if not isinstance(line, dict):",
        "tests/store/test_state_json.py::test_a_strange_document_is_read_as_a_whole_one_is",
    ),
    "one binding for an address": Mutant(
        "codec/states.py",
        "        if address in resources:",
        "        if False:",
        "tests/store/test_state_json.py::test_a_strange_document_is_read_as_a_whole_one_is",
    ),
    "the lines that a write keeps": Mutant(
        "store/state_json.py",
        "        if kept is not None and kept[0] is value:",
        "        if kept is not None:",
        "tests/store/test_state_json.py::test_an_encoder_writes_each_state_as_a_new_one_does",
    ),
    "a resource of format 2 that lost an entry": Mutant(
        "store/state_migrations.py",
        '    if resource.get("observed") is None:',
        "    if False:",
        "tests/store/test_state_migrations.py::test_a_resource_of_version_2_that_lost_an_entry_is_damage",
    ),
    "what was observed": Mutant(
        "codec/states.py",
        "    is_as_sent = binding.observed == binding.applied",
        "    is_as_sent = True",
        "tests/store/test_state_migrations.py::test_an_observed_entry_that_equals_the_applied_one_is_left_out_since_version_3",
    ),
}


@pytest.mark.part(25)
@pytest.mark.parametrize("name", MUTANTS)
def test_a_lost_protection_is_noticed(name: str, tmp_path: Path) -> None:
    mutant = MUTANTS[name]
    mutate(tmp_path, mutant)
    assert _run(tmp_path, mutant.test) == 1, f"nobody notices that {name} is gone"


@pytest.mark.night
def test_the_tests_that_are_named_pass_in_a_copy_that_lost_nothing(tmp_path: Path) -> None:
    copy(tmp_path)
    assert _run(tmp_path, *{mutant.test for mutant in MUTANTS.values()}) == 0


def _run(folder: Path, *tests: str) -> int:
    """Run tests of a copy as at night: the part of a day need not meet what a mutant changes."""
    options = ("-q", "-x", "-p", "no:cacheprovider", "--hypothesis-profile=first-failure")
    pytest_line = ("pytest", *options, *tests)
    return run_module(folder, *pytest_line, environ={"THOROUGH": "1"})
