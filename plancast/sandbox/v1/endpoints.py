"""The endpoints of API v1: one handler each, from parameters to a body.

ROUTES lists the method and path template of every endpoint. A template has at most one variable,
the id of a profile or an update.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from sqlite3 import Row

from plancast.sandbox import database, queues
from plancast.sandbox.compose import Submission
from plancast.sandbox.posting_times import is_valid
from plancast.sandbox.queues import Session
from plancast.sandbox.services import CLASSIC_SERVICES, Limits, configuration
from plancast.sandbox.settings import OddCount
from plancast.sandbox.v1 import actions, serialize
from plancast.sandbox.v1.actions import Author, Timing
from plancast.sandbox.v1.errors import ApiError
from plancast.sandbox.v1.php_form import Form, Tree
from plancast.sandbox.values import Answer, Plan, Profile, Schedule, Status, Update

_ADDED = "One more post in your Buffer. Keep it topped up!"
_COUNT_DEFAULT, _COUNT_MAX = 20, 100
_LISTS = {
    "pending": ("buffer", "error"),
    "sent": ("sent", "service"),
    "replies": ("service_reply",),
    "drafts": ("draft", "needs_approval"),
}
"""The lists of updates, and the states of those that are in them."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose parameters and user are known. It holds no token.

    `drop` is a profile that a fault makes create leave out ("*": the last one).
    """

    endpoint: str
    user_id: str
    id: str = ""
    params: Tree = field(default_factory=dict)
    drop: str = ""

    @property
    def form(self) -> Form:
        """The parameters, to be read by type."""
        return Form(self.params)

    def to_json(self) -> str:
        """Return the call as it is stored until it is delivered late."""
        return json.dumps([self.endpoint, self.user_id, self.id, self.params, self.drop])


def call_from_json(text: str) -> Call:
    """Read a call that `Call.to_json` wrote."""
    return Call(*json.loads(text))


Handler = Callable[[Session, Call], object]


def execute(session: Session, call: Call) -> Answer:
    """Return the answer to a call, refusals included; a refused call changes nothing."""
    session.db.execute("SAVEPOINT call")
    try:
        body = ROUTES[call.endpoint](session, call)
    except ApiError as problem:
        session.db.execute("ROLLBACK TO call")
        return problem.answer()
    finally:
        session.db.execute("RELEASE call")
    return body if isinstance(body, Answer) else Answer(200, body)


# --- account and profiles ---------------------------------------------------------------------


def _user(session: Session, call: Call) -> object:
    """Return the account."""
    records = database.rows(session.db, "SELECT * FROM accounts WHERE id = ?", call.user_id)
    return serialize.user(database.account_of(records[0]), session.now)


def _token(session: Session, call: Call) -> object:
    """Do the last step of OAuth: any code is good for a token of the account's owner."""
    form = call.form
    if form.text("grant_type") != "authorization_code" or not form.text("code"):
        return Answer(400, {"error": "invalid_grant", "code": 400})
    owner = database.rows(session.db, "SELECT id FROM accounts LIMIT 1")[0]["id"]
    token = f"1/{database.new_id(session.db, session.now)}5a4db0c5"
    database.add_token(session.db, token, owner)
    return {"access_token": token}


def _deauthorize(session: Session, call: Call) -> object:
    """Revoke all tokens of the user."""
    session.db.execute("DELETE FROM tokens WHERE user_id = ?", (call.user_id,))
    return {"success": True, "message": "Access successfully revoked!"}


def _profiles(session: Session, call: Call) -> object:
    return [
        serialize.profile(p, queues.lengths(session, p.id), session.settings)
        for p in queues.profiles(session, call.user_id)
        if p.service in CLASSIC_SERVICES
    ]


def _profile(session: Session, call: Call) -> object:
    owner = _own_profile(session, call)
    return serialize.profile(owner, queues.lengths(session, owner.id), session.settings)


def _schedules(session: Session, call: Call) -> object:
    return serialize.schedules(_own_profile(session, call).schedules)


def _update_schedules(session: Session, call: Call) -> object:
    """Replace the posting schedules of a profile, and deal its queue new slots."""
    owner = _own_profile(session, call)
    sent = call.params.get("schedules")
    entries = list(sent.values()) if isinstance(sent, dict) else []
    schedules = tuple(_schedule(Form(e)) for e in entries if isinstance(e, dict))
    account = database.rows(session.db, "SELECT plan FROM accounts WHERE id = ?", call.user_id)
    if len(schedules) > 1 and account[0]["plan"] == Plan.FREE:
        schedules = ()  # the free plan has one schedule; asking for more erases all times
    owner = replace(owner, schedules=schedules)
    database.save_profile(session.db, owner)
    queues.retime(session, owner)
    return {"success": True, "message": "Schedule saved successfully"}


def _schedule(form: Form) -> Schedule:
    schedule = Schedule(tuple(form.strings("days")), tuple(form.strings("times")))
    if not is_valid(schedule):
        raise ApiError(1012, "A schedule has days such as mon and times such as 09:30.")
    return schedule


# --- reading updates ---------------------------------------------------------------------------


def _update(session: Session, call: Call) -> object:
    return _shown(session, call, _own_update(session, call))


def _pending(session: Session, call: Call) -> object:
    return _page(session, call, "pending")


def _sent(session: Session, call: Call) -> object:
    """List sent updates. Replies that were made elsewhere are hidden unless all are asked for."""
    with_replies = call.form.text("filter") == "all"
    return _page(session, call, "sent", *(("replies",) if with_replies else ()))


def _drafts(session: Session, call: Call) -> object:
    return _page(session, call, "drafts")


def _page(session: Session, call: Call, *lists: str) -> object:
    """Return one page of a list of updates, or of several as one, and how many there are in all."""
    owner, form = _own_profile(session, call), call.form
    count, page = _count(session, form), form.number("page", 1)
    if page < 1:
        raise ApiError(1006, "The parameter page begins at 1.")
    since = form.moment("since") or 0
    total = _total(session, owner, lists, since)
    records = _records(session, owner, lists, since, (count, (page - 1) * count))
    utc = form.flag("utc")
    updates = [
        serialize.update(database.update_of(row), owner, session.now, session.settings, utc)
        for row in records
    ]
    return {"total": total, "updates": updates}


def _total(session: Session, owner: Profile, lists: tuple[str, ...], since: int) -> int:
    """Return how many updates there are in lists of a profile."""
    if not since:
        lengths = queues.lengths(session, owner.id)
        return sum(lengths.get(state, 0) for name in lists for state in _LISTS[name])
    query = "SELECT count(*) FROM updates WHERE profile_id = ? AND list = ? AND since > ?"
    counts = (database.rows(session.db, query, owner.id, name, since)[0][0] for name in lists)
    return sum(counts)


def _records(
    session: Session, owner: Profile, lists: tuple[str, ...], since: int, cut: tuple[int, int]
) -> Sequence[Row]:
    """Return the rows of one page; `cut` is how many, and how many come before them."""
    condition = " AND since > ?" if since else ""
    one = f"SELECT * FROM updates WHERE profile_id = ? AND list = ?{condition}"
    # SQLite merges the parts of a UNION ALL in their order. For `list IN` it would sort all rows.
    query = f"{' UNION ALL '.join([one] * len(lists))} ORDER BY place, position, number"
    values = [value for name in lists for value in (owner.id, name, *([since] * bool(since)))]
    return database.rows(session.db, f"{query} LIMIT ? OFFSET ?", *values, *cut)


def _count(session: Session, form: Form) -> int:
    """Return the size of a page. Raises ApiError."""
    count = form.number("count", _COUNT_DEFAULT)
    if session.settings.odd_count is OddCount.CLAMP:
        return min(max(count, 1), _COUNT_MAX)
    if not 1 <= count <= _COUNT_MAX:
        raise ApiError(1006, f"The parameter count is from 1 to {_COUNT_MAX}.")
    return count


def _interactions(session: Session, call: Call) -> object:
    """Return no interactions: the sandbox has none."""
    _own_update(session, call)
    return {"total": 0, "interactions": []}


# --- changing updates --------------------------------------------------------------------------


def _create(session: Session, call: Call) -> object:
    """Create one update on each of the profiles."""
    form = call.form
    owners = actions.accessible(session, call.user_id, form.strings("profile_ids"))
    if call.drop:
        dropped = owners[-1].id if call.drop == "*" else call.drop
        owners = [owner for owner in owners if owner.id != dropped]
    submission = Submission.from_form(form)
    timing = Timing.from_form(form, draft=form.flag("is_draft"))
    updates = actions.create(session, Author(call.user_id), owners, submission, timing)
    if session.settings.reversed_updates:
        updates.reverse()
    shown = [_shown(session, call, item) for item in updates]
    percentage, count = _fill(session, updates)
    return serialize.envelope(shown, percentage, count, _ADDED)


def _edit(session: Session, call: Call) -> object:
    """Change an update, and return it."""
    item, form = _own_update(session, call), call.form
    submission, timing = Submission.from_form(form), Timing.from_form(form)
    changed = actions.edit(session, item, submission, timing)
    percentage, count = _fill(session, [changed])
    return {
        "success": True,
        "buffer_count": count,
        "buffer_percentage": percentage,
        "update": _shown(session, call, changed),
    }


def _fill(session: Session, updates: list[Update]) -> tuple[int, int]:
    """Return how full the first update's queue is in percent, and the length of the last one's.

    The recordings show it so.
    """
    if not updates:
        return 0, 0
    first = queues.waiting(session, updates[0].profile_id)
    last = queues.waiting(session, updates[-1].profile_id)
    return 100 * first // max(1, session.settings.queue_limit), last


def _destroy(session: Session, call: Call) -> object:
    actions.destroy(session, _own_update(session, call))
    return {"success": True, "message": "Update deleted successfully"}


def _share(session: Session, call: Call) -> object:
    shared = actions.share(session, _own_update(session, call))
    if shared.status is Status.ERROR:
        # The attempt was made and its trace must stay, so this is no ApiError: that would undo it.
        return Answer(400, {"success": False, "message": shared.error, "code": 1022})
    return {"success": True}


def _move_to_top(session: Session, call: Call) -> object:
    return _shown(session, call, actions.move_to_top(session, _own_update(session, call)))


def _approve(session: Session, call: Call) -> object:
    approved = actions.approve(session, _own_update(session, call))
    return {"success": True, "update": _shown(session, call, approved)}


def _requeue(session: Session, call: Call) -> object:
    back = actions.requeue(session, _own_update(session, call))
    return {"success": True, "update": _shown(session, call, back)}


def _reorder(session: Session, call: Call) -> object:
    owner, form = _own_profile(session, call), call.form
    actions.reorder(session, owner, form.strings("order"), form.number("offset", 0))
    return {"success": True, "updates": _queue(session, call, owner)}


def _shuffle(session: Session, call: Call) -> object:
    owner, form = _own_profile(session, call), call.form
    count = form.number("count", -1)
    actions.shuffle(session, owner)
    updates = _queue(session, call, owner)
    shown = updates if count < 0 else updates[:count]
    return {"success": True, "updates": shown, "time_to_shuffle": 0}


def _queue(session: Session, call: Call, owner: Profile) -> list[serialize.Json]:
    utc = call.form.flag("utc")
    return [
        serialize.update(item, owner, session.now, session.settings, utc)
        for item in queues.queued(session, owner.id)
    ]


# --- the rest ----------------------------------------------------------------------------------


def _configuration(session: Session, _call: Call) -> object:
    return configuration(Limits(session.settings.character_limits))


def _shares(session: Session, call: Call) -> object:
    """Return how many sent posts contain a link; `www.` makes no difference."""
    url = call.form.text("url") or ""
    if not url:
        raise ApiError(1004, "Please give the url of the link.")
    bare = url.replace("://www.", "://", 1)
    query = "SELECT text, media FROM updates WHERE status = 'sent'"
    texts = (f"{row['text']} {row['media']}" for row in database.rows(session.db, query))
    return {"shares": sum(bare in text.replace("://www.", "://") for text in texts)}


def _own_profile(session: Session, call: Call) -> Profile:
    """Return the profile of the call. Raises ApiError if there is none or it is another user's."""
    owner = queues.profile(session, call.id)
    if owner is None or owner.service not in CLASSIC_SERVICES:
        raise ApiError(1010)
    if owner.user_id != call.user_id:
        raise ApiError(1011, "You do not have permission to use this profile.")
    return owner


def _own_update(session: Session, call: Call) -> Update:
    """Return the update of the call. Raises ApiError if there is none or it is another user's."""
    item = actions.known(session, call.id)
    if actions.owner_of(session, item).user_id != call.user_id:
        raise ApiError(1021)
    return item


def _shown(session: Session, call: Call, item: Update) -> serialize.Json:
    """Return an update as answers show it."""
    owner = actions.owner_of(session, item)
    utc = call.form.flag("utc")
    return serialize.update(item, owner, session.now, session.settings, utc)


ROUTES: Mapping[str, Handler] = {
    "GET /user.json": _user,
    "POST /user/deauthorize.json": _deauthorize,
    "POST /oauth2/token.json": _token,
    "GET /profiles.json": _profiles,
    "GET /profiles/{id}.json": _profile,
    "GET /profiles/{id}/schedules.json": _schedules,
    "POST /profiles/{id}/schedules/update.json": _update_schedules,
    "GET /profiles/{id}/updates/pending.json": _pending,
    "GET /profiles/{id}/updates/sent.json": _sent,
    "GET /profiles/{id}/updates/drafts.json": _drafts,
    "POST /profiles/{id}/updates/reorder.json": _reorder,
    "POST /profiles/{id}/updates/shuffle.json": _shuffle,
    "POST /updates/create.json": _create,
    "GET /updates/{id}.json": _update,
    "POST /updates/{id}/update.json": _edit,
    "POST /updates/{id}/destroy.json": _destroy,
    "POST /updates/{id}/share.json": _share,
    "POST /updates/{id}/move_to_top.json": _move_to_top,
    "GET /updates/{id}/approve.json": _approve,
    "POST /updates/{id}/approve.json": _approve,
    "POST /updates/{id}/requeue.json": _requeue,
    "GET /updates/{id}/interactions.json": _interactions,
    "GET /info/configuration.json": _configuration,
    "GET /links/shares.json": _shares,
}

#: Answered without a token.
OPEN = frozenset({"GET /links/shares.json", "POST /oauth2/token.json"})
