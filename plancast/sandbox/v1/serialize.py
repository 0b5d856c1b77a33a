"""Values as API v1 shows them: the objects, and the JSON dialect of PHP."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from plancast.sandbox.services import SERVICES
from plancast.sandbox.settings import Settings
from plancast.sandbox.text import SHORT_DOMAIN, formatted
from plancast.sandbox.values import Account, Profile, Schedule, Status, Update

Json = dict[str, object]

CLIENT_ID = "4eb854340acb04e8700000c1"
ORGANIZATION_ID = "4eb854340acb04e8700000f0"

# Spelled out, because the names that strftime returns depend on the locale of the process.
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)

#: Fields that every recording has; all others are left out if `missing_optional_fields` is on.
_UPDATE_CORE = frozenset(
    (
        *("_id", "created_at", "day", "due_at", "due_time", "id", "profile_id"),
        *("profile_service", "shared_now", "status", "text", "text_formatted", "type"),
        *("updated_at", "user_id", "via", "media", "extra_media", "scheduled_at", "sent_at"),
        *("error", "retweet", "draft", "service_update_id"),
    )
)
_PROFILE_OPTIONAL = frozenset(
    (
        *("created_at", "default", "statistics", "shortener", "timezone_city", "counts"),
        *("location", "cover_photo", "paused", "paused_schedules", "preferences", "locked"),
        *("disabled", "disabled_features", "reports_logo", "can_see_content_library"),
        *("is_analyze_enabled", "is_on_business_v2"),
    )
)


#: The one empty map that is recorded as a map.
NO_PREFERENCES: Json = {}


def encode(value: object, pretty: bool = False) -> bytes:
    """Return JSON as PHP writes it: slashes and non-ASCII escaped, an empty map as a list."""
    separators = None if pretty else (",", ":")
    text = json.dumps(_php(value), separators=separators, indent=4 if pretty else None)
    return text.replace("/", "\\/").encode("ascii")


def _php(value: object) -> object:
    """Return a value with empty maps as empty lists: to PHP both are an empty array."""
    if value is NO_PREFERENCES:
        return value
    if isinstance(value, Mapping):
        return {str(key): _php(item) for key, item in value.items()} if value else []
    if isinstance(value, list | tuple):
        return [_php(item) for item in value]
    return value


def user(account: Account, now: int) -> Json:
    """Return the body of GET /user.json."""
    return {
        "_id": account.id,
        "activity_at": now,
        "created_at": account.created_at,
        "id": account.id,
        "name": account.name,
        "plan": account.plan,
        "profile_groups": [],
        "timezone": account.timezone,
        "twentyfour_hour_time": False,
    }


def schedules(values: tuple[Schedule, ...]) -> list[Json]:
    """Return posting schedules, as profiles and their own endpoint show them."""
    return [{"days": list(s.days), "times": list(s.times)} for s in values]


def profile(value: Profile, counts: Mapping[str, int], settings: Settings) -> Json:
    """Return a profile; `counts` are its updates by state, see `tables`."""
    service = SERVICES[value.service]
    nameless = value.service == "twitter" and settings.empty_twitter_names
    avatar = "" if nameless else f"https://avatars.example/{value.service}/{value.service_id}.png"
    shown: Json = {
        "_id": value.id,
        "avatar": avatar,
        "avatar_https": avatar,
        "can_see_content_library": False,
        "counts": {
            "drafts": counts.get("draft", 0) + counts.get("needs_approval", 0),
            "reminders": 0,
            "daily_suggestions": 25,
            "sent": counts.get(Status.SENT, 0),
            "pending": counts.get(Status.BUFFER, 0),
        },
        "cover_photo": "",
        "created_at": value.created_at,
        "default": value.preselected,
        "disabled": False,
        "disabled_features": [],
        "disconnected": value.disconnected,
        "formatted_service": service.types.get(value.service_type, value.service.capitalize()),
        "formatted_username": "" if nameless else value.formatted_username,
        "id": value.id,
        "is_analyze_enabled": False,
        "is_on_business_v2": False,
        "locked": value.locked,
        "paused": value.paused,
        "paused_schedules": [],
        "preferences": NO_PREFERENCES,
        "reports_logo": None,
        "schedules": schedules(value.schedules),
        "service": value.service,
        "service_id": value.service_id,
        "service_type": value.service_type,
        "service_username": "" if nameless else value.service_username,
        "shortener": {"domain": SHORT_DOMAIN},
        "statistics": [] if settings.statistics_as_list else dict(value.statistics),
        "timezone": value.timezone,
        "timezone_city": value.timezone.rpartition("/")[2].replace("_", " "),
        "user_id": value.user_id,
        "utm_tracking": "disabled",
        "verb": service.verb,
    }
    if value.service == "facebook":
        shown["location"] = None
    if settings.missing_optional_fields:
        shown = {key: item for key, item in shown.items() if key not in _PROFILE_OPTIONAL}
    return dict(sorted(shown.items()))


def update(value: Update, owner: Profile, now: int, settings: Settings, utc: bool = False) -> Json:
    """Return an update; `day` and `due_time` are in the profile's zone, or with `utc` in UTC."""
    content = value.content
    shown: Json = {
        "_id": value.id,
        "client_id": value.client_id,
        "created_at": value.created_at,
        "id": value.id,
        "is_video_processing": False,
        "library_update_id": "",
        "needs_approval": value.draft,
        "organization_id": ORGANIZATION_ID,
        "perm_approvable": value.draft,
        "perm_editable": value.status is not Status.SENT,
        "pinned": value.pinned,
        "profile_id": value.profile_id,
        "profile_service": owner.service,
        "shared_now": value.shared_now,
        "status": value.status,
        "text": content.text,
        "text_formatted": formatted(content.text, SERVICES[owner.service]),
        "text_md5": content.text_md5,
        "type": content.kind,
        "updated_at": value.updated_at,
        "user_id": value.user_id,
        "via": value.via,
    }
    if value.draft:
        shown["draft"] = True
    else:
        zone: tzinfo = UTC if utc else ZoneInfo(owner.timezone)
        shown |= _due(value.due_at, now, zone)
    shown |= _optional_fields(value, settings)
    if settings.missing_optional_fields:
        shown = {key: item for key, item in shown.items() if key in _UPDATE_CORE}
    ordered = dict(sorted(shown.items()))
    # In the recordings the network's link comes last, and before sending only for Twitter.
    is_linked = value.service_link or owner.service == "twitter"
    if is_linked and not settings.missing_optional_fields:
        ordered["service_link"] = value.service_link
    return ordered


def _optional_fields(value: Update, settings: Settings) -> Json:
    """Return the fields that an update has only if they are not empty."""
    statistics = [] if settings.statistics_as_list else dict(value.statistics)
    optional: Json = {
        "media": dict(value.content.media),
        "extra_media": [dict(item) for item in value.content.extra_media],
        "retweet": dict(value.content.retweet),
        "retweeted_tweet_id": value.content.retweet.get("tweet_id"),
        "scheduled_at": value.scheduled_at,
        "sent_at": value.sent_at,
        "service_update_id": value.service_update_id,
        "error": value.error,
    }
    filled = {key: item for key, item in optional.items() if item}
    if value.status is Status.SENT:
        filled["statistics"] = statistics
    return filled


def _due(due_at: int, now: int, zone: tzinfo) -> Json:
    """Return the time of an update in the three forms that the API shows."""
    if due_at == 0:
        return {"day": "No scheduled days or times", "due_at": 0, "due_time": "-"}
    local = datetime.fromtimestamp(due_at, zone)
    half = "pm" if local.hour // 12 else "am"
    return {
        "day": _day(local, datetime.fromtimestamp(now, zone)),
        "due_at": due_at,
        "due_time": f"{local.hour % 12 or 12}:{local.minute:02} {half}",
    }


def _day(local: datetime, today: datetime) -> str:
    """Return such as "Tomorrow" or "Tuesday 1st December"."""
    away = (local.date() - today.date()).days
    if away in (0, 1):
        return ("Today", "Tomorrow")[away]
    number = local.day
    ending = "th" if number in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    year = "" if local.year == today.year else f" {local.year}"
    return f"{_WEEKDAYS[local.weekday()]} {number}{ending} {_MONTHS[local.month - 1]}{year}"


def envelope(
    updates: list[Json], percentage: int, count: int, message: str
) -> Mapping[str, object]:
    """Return the answer of create; its keys come in this order."""
    return {
        "updates": updates,
        "buffer_percentage": percentage,
        "buffer_count": count,
        "success": True,
        "message": message,
        "code": False,
    }
