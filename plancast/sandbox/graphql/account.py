"""The account, its organization and its channels as the API shows them."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from plancast.sandbox import database
from plancast.sandbox.graphql import boards, post_input
from plancast.sandbox.graphql.context import Context
from plancast.sandbox.graphql.errors import bad_input, not_found
from plancast.sandbox.graphql.schema import Info
from plancast.sandbox.posting_times import DAYS
from plancast.sandbox.services import SERVICES
from plancast.sandbox.text import SHORT_DOMAIN
from plancast.sandbox.v1.serialize import ORGANIZATION_ID
from plancast.sandbox.values import Plan, Profile

Shown = dict[str, Any]

_EMAIL = "{name}@acme.example"
_PRODUCTS = ("publish", "buffer")
#: The limits of a plan beside the depth of the queue, which is a setting
#: (docs/buffer/graphql.md#plan-limits).
FREE = {"channels": 3, "tags": 3, "scheduledThreadsPerChannel": 1, "ideas": 100, "ideaGroups": 3}
PAID = {
    "channels": 100,
    "tags": 250,
    "scheduledThreadsPerChannel": 2000,
    "ideas": 5000,
    "ideaGroups": 100,
}


def allowance(context: Context) -> Mapping[str, int]:
    """Return the limits of the account's plan."""
    return FREE if context.account.plan is Plan.FREE else PAID


def account(context: Context) -> Shown:
    """Return the account that the token belongs to."""

    def organizations(_info: Info, filter: Any = None) -> list[Shown]:
        wanted = (filter or {}).get("organizationId", ORGANIZATION_ID)
        return [_organization(context)] if wanted == ORGANIZATION_ID else []

    return {
        **author(context),
        "createdAt": context.account.created_at,
        "organizations": organizations,
        "timezone": context.account.timezone,
        "preferences": {
            "timeFormat": "24",
            "startOfWeek": "monday",
            "defaultScheduleOption": "Queue",
        },
        "connectedApps": [],
    }


def author(context: Context) -> Shown:
    """Return the account as the author of a post."""
    of = context.account
    name = "".join(letter for letter in of.name.lower() if letter.isalnum()) or "owner"
    avatar = f"https://avatars.example/accounts/{of.id}.png"
    email = _EMAIL.format(name=name)
    return {"id": of.id, "avatar": avatar, "email": email, "isDeleted": False, "name": of.name}


def _organization(context: Context) -> Shown:
    """Return the organization with the limits of its plan."""
    limits = {
        "generateContent": 1000,
        "members": 1,
        "postTemplates": 100,
        "savedReplies": 100,
        "scheduledPosts": context.settings.queue_limit,
        "scheduledStoriesPerChannel": 2000,
        **allowance(context),
    }
    return {
        "id": ORGANIZATION_ID,
        "channelCount": len(context.channels),
        "limits": limits,
        "members": {"totalCount": 1},
        "name": context.account.name,
        "ownerEmail": author(context)["email"],
        "shouldEnforce2FASetup": False,
    }


# --- channels -----------------------------------------------------------------------------------


def channels(context: Context, sent: Mapping[str, Any]) -> list[Shown]:
    """Return the channels of the organization, in their order."""
    context.check_organization(sent["organizationId"])
    asked = sent.get("filter") or {}
    locked, product = asked.get("isLocked"), asked.get("product")
    if product not in (None, *_PRODUCTS):
        return []
    wanted = (p for p in context.channels.values() if locked in (None, p.locked))
    return [show(context, profile) for profile in wanted]


def channel(context: Context, sent: Mapping[str, Any]) -> Shown:
    """Return one channel. Raises GraphQLError if there is none."""
    profile = context.channel(sent["id"])
    if profile is None:
        raise not_found("Channel")
    return show(context, profile)


def show(context: Context, of: Profile) -> Shown:
    """Return a channel; its schedule is in its own time zone."""
    service = SERVICES[of.service]
    shortens = post_input.shortens(of, context.settings)
    domain = {"domain": SHORT_DOMAIN, "name": SHORT_DOMAIN}
    return {
        "id": context.turn(of.id),
        "allowedActions": [],
        "avatar": f"https://avatars.example/{of.service}/{of.service_id}.png",
        "descriptor": service.types.get(of.service_type, of.service.capitalize()),
        "displayName": of.formatted_username,
        "externalLink": f"{service.user_url}{of.service_username}" if service.user_url else None,
        "hasActiveMemberDevice": False,
        "isDisconnected": of.disconnected,
        "isLocked": of.locked,
        "isNew": False,
        "isQueuePaused": of.paused,
        "linkShortening": {"isEnabled": shortens, "config": domain if shortens else None},
        "metadata": _metadata(of),
        "name": of.service_username,
        "organizationId": ORGANIZATION_ID,
        "postingSchedule": _schedule(of),
        "products": ["publish"],
        "scopes": [],
        "service": of.service,
        "serviceId": of.service_id,
        "showTrendingTopicSuggestions": False,
        "timezone": of.timezone,
        "type": of.service_type,
        "createdAt": of.created_at,
        "updatedAt": of.created_at,
    }


def _schedule(of: Profile) -> list[Shown]:
    """Return the schedule of each of the seven days, from v1's schedules of several days."""
    shown = []
    for day in DAYS:
        times = {time.zfill(5) for s in of.schedules if day in s.days for time in s.times}
        shown.append({"day": day, "paused": False, "times": sorted(times)})
    return shown


def _metadata(of: Profile) -> Shown | None:
    """Return the values that only channels of this network have, None if there are none."""
    reminders = {"defaultToReminders": bool(of.extras.get("reminders", False))}
    maximum = int(of.extras.get("max_characters", 500))
    host = of.service_username.rpartition("@")[2] if "@" in of.service_username else "example.com"
    server = f"https://{host}"
    by_service: Mapping[str, tuple[str, Callable[[], Shown]]] = {
        "instagram": ("InstagramMetadata", lambda: reminders),
        "tiktok": ("TiktokMetadata", lambda: reminders),
        "youtube": ("YoutubeMetadata", lambda: reminders),
        "pinterest": ("PinterestMetadata", lambda: {"boards": boards.of(of)}),
        "mastodon": ("MastodonMetadata", lambda: {"maxCharacters": maximum, "serverUrl": server}),
        "bluesky": ("BlueskyMetadata", lambda: {"serverUrl": "https://bsky.social"}),
        "googlebusiness": ("GoogleBusinessMetadata", lambda: {"locationData": None}),
        "facebook": ("FacebookMetadata", lambda: {"locationData": None}),
        "twitter": (
            "TwitterMetadata",
            lambda: {"subscriptionType": of.extras.get("subscription_type")},
        ),
        "linkedin": (
            "LinkedInMetadata",
            lambda: {"shouldShowLinkedinAnalyticsRefreshBanner": False},
        ),
    }
    if of.service not in by_service:
        return None
    name, values = by_service[of.service]
    return {"__typename": name, **values()}


# --- daily limits -------------------------------------------------------------------------------


def daily_limits(context: Context, sent: Mapping[str, Any]) -> list[Shown]:
    """Return how many posts each channel sent, and has scheduled, on a day of its own calendar."""
    at = context.session.now if sent.get("date") is None else int(sent["date"])
    shown = []
    for id_ in sent["channelIds"]:
        owner = context.channel(id_)
        if owner is None:
            raise not_found("Channel")
        shown.append({"channelId": id_, **day(context, owner, at)})
    if not shown:
        raise bad_input("channelIds cannot be empty.")
    return shown


def day(context: Context, owner: Profile, at: int) -> Shown:
    """Return the counts of the day that a moment belongs to. `limit` None: there is none."""
    zone = ZoneInfo(owner.timezone)
    date = datetime.fromtimestamp(at, zone).date()
    begin, end = (
        int(datetime.combine(date + timedelta(days=n), time(), zone).timestamp()) for n in (0, 1)
    )
    query = (
        "SELECT coalesce(sum(state = 'sent'), 0) AS sent,"
        " coalesce(sum(state = 'buffer'), 0) AS scheduled FROM updates"
        " WHERE profile_id = ? AND state IN ('sent', 'buffer') AND due >= ? AND due < ?"
    )
    row = database.rows(context.session.db, query, owner.id, max(begin, 0), end)[0]
    limit = owner.extras.get("daily_limit")
    full = limit is not None and row["sent"] + row["scheduled"] >= limit
    counts = {"sent": row["sent"], "scheduled": row["scheduled"]}
    return {**counts, "limit": limit, "isAtLimit": full}
