"""The content of a fresh world: the default account, and seed documents that replace it.

A seed is a mapping, usually read from JSON:

    account   {id, name, timezone, plan, queue_limit, token | tokens}
    profiles  [{id, service, service_type, service_id, service_username, formatted_username,
                timezone, schedules, paused, disconnected, locked, shortens, preselected,
                statistics, extras, user_id}]
    tags      [{id, name, color}]
    posts     [{profile, text, scheduled_at, queue, status, media, extra_media, shorten, error,
                tags, via}]
    clock     "running", or the time at which it stands still
    rate_limit  {requests, seconds, windows}, or null for none
    switches  {setting: value}

Everything is optional. A post names its profile by id, by service or by username. `status` is
buffer (default), sent, service, service_reply, error, draft or needs_approval; a sent post was sent
at `scheduled_at`. Without a time a post joins the queue, with `queue: top` at its head. `windows`
are those of the GraphQL API, such as "100/900"; with `requests: 0` there are none either.
`values.Profile` describes the `extras` of a profile; `tags` of a post are names.
"""

from dataclasses import fields, replace
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plancast.sandbox import clock, database, queues
from plancast.sandbox import settings as switches
from plancast.sandbox.compose import Submission, compose
from plancast.sandbox.posting_times import is_valid
from plancast.sandbox.queues import Session
from plancast.sandbox.seed_values import (
    Seed,
    SeedError,
    checked,
    mapping,
    mappings,
    only,
    texts,
    whole_number,
    words,
)
from plancast.sandbox.services import SERVICES
from plancast.sandbox.settings import Settings
from plancast.sandbox.v1 import actions
from plancast.sandbox.v1.actions import Timing
from plancast.sandbox.v1.errors import ApiError
from plancast.sandbox.v1.serialize import CLIENT_ID
from plancast.sandbox.values import (
    PLAN_LIMITS,
    Account,
    Plan,
    Profile,
    Schedule,
    Status,
    Tag,
    Update,
)

DEFAULT_TOKEN = "sandbox-token"
_BORN = 0x4EB85434  # the first half of the default ids, 7 November 2011

_WEEK = ["mon", "tue", "wed", "thu", "fri"]
_WEEKEND = ["sat", "sun"]


def _profile(number: int, service: str, week: list[str], weekend: list[str], **more: str) -> Seed:
    schedules = [{"days": _WEEK, "times": week}, {"days": _WEEKEND, "times": weekend}]
    entry = {"id": f"4eb854340acb04e8700000{number}", "service": service}
    return {**entry, "schedules": schedules, **more}


DEFAULT: Seed = {
    "account": {
        "id": "4eb854340acb04e870000001",
        "name": "Acme",
        "timezone": "Europe/Berlin",
        "plan": "small",
        "token": DEFAULT_TOKEN,
    },
    "profiles": [
        _profile(
            10,
            "twitter",
            ["09:00", "12:30", "17:15"],
            ["11:00"],
            service_id="814220001",
            service_username="acme",
        ),
        _profile(
            11,
            "linkedin",
            ["08:30", "16:00"],
            [],
            service_type="page",
            service_id="5520011",
            service_username="acme-inc",
        ),
        _profile(
            12,
            "facebook",
            ["10:00", "15:00"],
            ["12:00"],
            service_type="page",
            service_id="1234",
            service_username="Acme Inc",
            timezone="America/New_York",
        ),
        _profile(
            13,
            "instagram",
            ["18:00"],
            ["10:30"],
            service_type="business",
            service_id="17840001",
            service_username="acme.studio",
        ),
        _profile(
            14,
            "mastodon",
            ["09:30", "13:00"],
            ["11:30"],
            service_id="109001",
            service_username="@acme@mastodon.example",
        ),
        _profile(
            15,
            "bluesky",
            ["09:45", "14:00"],
            ["12:15"],
            service_id="did:plc:acme",
            service_username="acme.bsky.social",
        ),
    ],
}


def configured(seed: Seed) -> Settings:
    """Return the settings that a seed asks for. Raises SeedError, SettingError."""
    checked(seed)
    account = mapping(seed, "account", DEFAULT["account"])
    plan = _plan(account)
    chosen = replace(switches.DEFAULTS, queue_limit=PLAN_LIMITS[plan])
    if "queue_limit" in account:
        chosen = switches.changed(chosen, "queue_limit", account["queue_limit"])
    if "rate_limit" in seed:
        limit = mapping(seed, "rate_limit", None)
        chosen = switches.changed(chosen, "rate_requests", limit.get("requests", 0))
        chosen = switches.changed(chosen, "rate_seconds", limit.get("seconds", 60))
        windows = limit.get("windows", chosen.graphql_windows if chosen.rate_requests else "")
        chosen = switches.changed(chosen, "graphql_windows", windows)
    for name, value in mapping(seed, "switches", None).items():
        chosen = switches.changed(chosen, name, value)
    return chosen


def plant(session: Session, seed: Seed) -> None:
    """Fill an empty database with a seed. The clock must have been set. Raises SeedError."""
    only(seed, "", ("account", "profiles", "tags", "posts", "clock", "rate_limit", "switches"))
    account = _account(mapping(seed, "account", DEFAULT["account"]))
    database.insert_account(session.db, account)
    account_entry = mapping(seed, "account", DEFAULT["account"])
    usual = [str(account_entry.get("token", DEFAULT_TOKEN))]
    for token in texts(account_entry, "tokens", "account", usual):
        database.add_token(session.db, token, account.id)
    profiles = [
        _profile_of(session, entry, f"profiles[{n}]", n, account)
        for n, entry in enumerate(mappings(seed, "profiles", DEFAULT["profiles"]))
    ]
    for profile in profiles:
        database.save_profile(session.db, profile)
    for n, entry in enumerate(mappings(seed, "tags", [])):
        _tag(session, entry, f"tags[{n}]")
    for n, entry in enumerate(mappings(seed, "posts", [])):
        _post(session, entry, f"posts[{n}]", profiles, account)


def start_clock(session: Session, seed: Seed) -> int:
    """Set the clock of a seed; return the calendar's second then. Raises SeedError."""
    value = seed.get("clock", clock.RUNNING)
    if value == clock.RUNNING:
        clock.run_real(session.db)
        return session.now
    try:
        at = clock.seconds(value)
    except clock.ClockError as error:
        raise SeedError(f"clock: {error}") from None
    clock.freeze(session.db, at)
    return int(at)


def _account(entry: Seed) -> Account:
    only(entry, "account", ("id", "name", "timezone", "plan", "queue_limit", "token", "tokens"))
    defaults = cast("Seed", DEFAULT["account"])
    words = {n: str(entry.get(n, defaults[n])) for n in ("id", "name", "timezone")}
    return Account(**words, plan=_plan(entry), created_at=_BORN)


def _plan(entry: Seed) -> Plan:
    try:
        return Plan(str(entry.get("plan", Plan.SMALL)))
    except ValueError:
        raise SeedError(f"account.plan: one of {', '.join(Plan)}") from None


def _profile_of(session: Session, entry: Seed, place: str, number: int, of: Account) -> Profile:
    """Build a profile from its entry. Raises SeedError."""
    only(entry, place, [f.name for f in fields(Profile) if f.name not in ("position",)])
    service = str(entry.get("service"))
    if service not in SERVICES:
        raise SeedError(f"{place}.service: one of {', '.join(sorted(SERVICES))}")
    username = str(entry.get("service_username", of.name.lower()))
    shown = f"@{username}" if service == "twitter" else username
    return Profile(
        id=str(entry.get("id") or database.new_id(session.db, session.now)),
        user_id=str(entry.get("user_id", of.id)),
        position=number,
        service=service,
        service_type=str(entry.get("service_type", next(iter(SERVICES[service].types)))),
        service_id=str(entry.get("service_id", 100_000 + number)),
        service_username=username,
        formatted_username=str(entry.get("formatted_username", shown)),
        timezone=_timezone(str(entry.get("timezone", of.timezone)), place),
        schedules=_schedules(entry, place),
        created_at=whole_number(entry.get("created_at", _BORN), f"{place}.created_at"),
        paused=bool(entry.get("paused", False)),
        disconnected=bool(entry.get("disconnected", False)),
        shortens=bool(entry.get("shortens", True)),
        preselected=bool(entry.get("preselected", True)),
        statistics={
            str(key): whole_number(value, f"{place}.statistics")
            for key, value in mapping(entry, "statistics").items()
        },
        locked=bool(entry.get("locked", False)),
        extras=_extras(entry, place),
    )


def _timezone(name: str, place: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SeedError(f"{place}.timezone: {name!r} is no time zone") from None


def _schedules(entry: Seed, place: str) -> tuple[Schedule, ...]:
    """Read the posting schedules of a profile. Raises SeedError."""
    schedules: list[Schedule] = []
    for schedule in mappings(entry, "schedules", []):
        only(schedule, f"{place}.schedules", ("days", "times"))
        inside = f"{place}.schedules"
        days, times = texts(schedule, "days", inside), texts(schedule, "times", inside)
        schedules.append(Schedule(days, times))
        if not is_valid(schedules[-1]):
            raise SeedError(f"{place}.schedules: days such as mon and times such as 09:30")
    return tuple(schedules)


_EXTRAS = ("boards", "max_characters", "subscription_type", "reminders", "daily_limit")


def _extras(entry: Seed, place: str) -> Seed:
    extras = mapping(entry, "extras", None)
    only(extras, f"{place}.extras", _EXTRAS)
    for board in mappings(extras, "boards", []):
        only(board, f"{place}.extras.boards", ("id", "name", "serviceId", "url"))
    return extras


def _tag(session: Session, entry: Seed, place: str) -> None:
    only(entry, place, ("id", "name", "color"))
    tag_id = str(entry.get("id", "")) or database.new_id(session.db, session.now)
    name, color = str(entry.get("name", "")), str(entry.get("color", "#9B9B9B"))
    if not name:
        raise SeedError(f"{place}.name: a tag has a name")
    database.save_tag(session.db, Tag(tag_id, name, color, session.now))


def _tags(session: Session, entry: Seed, place: str) -> tuple[str, ...]:
    known = {row["name"]: row["id"] for row in database.rows(session.db, "SELECT * FROM tags")}
    names = texts(entry, "tags", place)
    for name in names:
        if name not in known:
            raise SeedError(f"{place}.tags: there is no tag {name!r}")
    return tuple(known[name] for name in names)


_DRAFTS = ("draft", "needs_approval")
_POST_KEYS = (
    *("profile", "text", "media", "extra_media", "shorten", "scheduled_at", "queue", "status"),
    *("error", "tags", "via"),
)


def _post(
    session: Session, entry: Seed, place: str, profiles: list[Profile], account: Account
) -> None:
    """Store one post of a seed. Raises SeedError."""
    only(entry, place, _POST_KEYS)
    owner = _named(profiles, str(entry.get("profile")), place)
    media = entry.get("media")
    submission = Submission(
        text=str(entry.get("text", "")),
        media=None if media is None else words(media, f"{place}.media"),
        extra_media=tuple(
            words(item, f"{place}.extra_media") for item in mappings(entry, "extra_media")
        ),
        shorten=bool(entry.get("shorten", False)),
    )
    status = str(entry.get("status", Status.BUFFER))
    if status not in (*Status, *_DRAFTS):
        raise SeedError(f"{place}.status: one of {', '.join((*Status, *_DRAFTS))}")
    try:
        moment = entry.get("scheduled_at")
        at = None if moment is None else int(clock.seconds(moment))
        content = compose(submission, owner, session.settings)
    except (ApiError, clock.ClockError) as error:
        raise SeedError(f"{place}: {error}") from None
    item = Update(
        id=database.new_id(session.db, session.now),
        profile_id=owner.id,
        user_id=account.id,
        client_id=CLIENT_ID,
        created_at=session.now,
        updated_at=session.now,
        content=content,
        scheduled_at=at,
        draft=status in _DRAFTS,
        approval=status == "needs_approval",
        tags=_tags(session, entry, place),
        via=str(entry.get("via", "api")),
    )
    _settle(session, item, owner, entry)


def _settle(session: Session, item: Update, owner: Profile, entry: Seed) -> None:
    """Store a post in the state that the seed asks for."""
    status = str(entry.get("status", Status.BUFFER))
    at = session.now if item.scheduled_at is None else item.scheduled_at
    if status in (Status.BUFFER, *_DRAFTS):
        timing = Timing(top=entry.get("queue") == "top", draft=item.draft)
        actions.place(session, item, owner, timing)
    elif status == Status.ERROR:
        reason = str(entry.get("error", queues.NETWORK_SAID_NO))
        failed = replace(item, status=Status.ERROR, error=reason, due_at=at)
        database.save_update(session.db, failed)
    else:
        sent_item = queues.sent(session, item, owner, at)
        database.save_update(
            session.db, replace(sent_item, status=Status(status), error="", sent_at=at)
        )


def _named(profiles: list[Profile], name: str, place: str) -> Profile:
    keys = ("id", "service", "service_username", "service_id")
    fitting = [p for p in profiles if name in {getattr(p, key) for key in keys}]
    if len(fitting) != 1:
        raise SeedError(f"{place}.profile: {name!r} names {len(fitting)} profiles")
    return fitting[0]
