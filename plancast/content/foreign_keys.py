"""Keys that people know from other tools, and the key of plancast that does the same.

The closest name is the wrong advice for them: `hashtags` is close to `tags`, which are labels
inside Buffer that no reader of a post sees. `advice` finds a key in the table of the place that it
stands in, however it is spelled: `publish_at`, `publishAt`, `Publish-At`, in singular or plural.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from plancast.networks.registry import NETWORKS
from plancast.networks.threads import THREADS

# `threads:` is more likely meant as the parts of a thread.
_NETWORK_WORDS = " ".join(("x", *(name for name in NETWORKS if name != THREADS.name)))
_APART = re.compile(r"[\W_]+")

POST: Mapping[str, str] = {
    "hashtag": "Write hashtags in `text`. (`tags` are labels for the team in the queue: no reader "
    "of a post sees them.)",
    "mention usertag taggedpeople taggeduser": "Write mentions in `text`, as @name.",
    "message caption body content copy tweet toot skeet posttext statustext "
    "description writing": "What is posted is `text`.",
    "media medium asset attachment file upload": "Write `images:` with a list of addresses, or "
    "`video:` with one.",
    "photo picture image pic img gallery graphic imageurl photourl pictureurl mediaurl": "Write "
    "`images:` with a list: `images: [https://…]`, or `images: [{url: https://…, alt: …}]`.",
    "movie clip reel videourl": "Write `video:` with the address of the file.",
    "alt alttext altdescription": "An alternative text belongs to its image: `images: [{url: "
    "https://…, alt: …}]`.",
    "date time datetime when day due dueat duedate duetime at publishat publishedat publishdate "
    "publishtime publishon postat postdate posttime postingtime scheduledat scheduledfor "
    "scheduledtime scheduleddate scheduleat scheduledate scheduletime schedulefor "
    "scheduled scheduling sendat sendtime sendon startdate starttime pubdate": "The time is "
    "`schedule`, date and time in one: `schedule: 2026-12-01 09:30`.",
    "tz zone timezonename": "The zone is `timezone`, such as Europe/Berlin.",
    "queue addtoqueue next slot": "Write `schedule: queue`.",
    "platform channel network account service social socialnetwork socialaccount outlet page "
    "target destination site to audience profileid channelid alias": "Where it goes is "
    "`profiles`, a list of the aliases in plancast.yaml.",
    "url href permalink website hyperlink weblink linkurl": "An address is `link`, or stands in "
    "`text`.",
    "poll polloption vote survey": "plancast cannot send polls: leave it out, or make that "
    "post by hand.",
    "retweet repost reblog boost share shareof retweetof repostof": "A post on X is passed "
    "on with `metadata: {twitter: {retweet: https://x.com/…}}`; elsewhere write its address in "
    "`text`.",
    "quote quotetweet quotepost quoteof quoted quotetweetid quoteurl": "On X, write what you say "
    "as `text`, and `metadata: {twitter: {retweet: https://x.com/…}}`.",
    "reply inreplyto replyto inreplytoid replytoid replysetting": "A reply to others cannot be "
    "scheduled. What follows your own post is `thread`.",
    "location place geo geolocation geotag coordinate latitude longitude lat lng venue": "On "
    "Instagram and Threads a place is `metadata: {instagram: {location_id: …, location: …}}`; "
    "elsewhere name it in `text`.",
    "comment firstreply": "The comment below the post is `first_comment`.",
    "threads tweets toots skeets threadpost threaditem part": "What follows the first post is "
    "`thread`, a list of texts.",
    "title headline subject name": "A post has no title: write it in `text`. Networks that have "
    "titles take them under `metadata:`, a link card under `link: {url:, title:}`.",
    "contentwarning cw spoiler spoilertext sensitive nsfw": "Write "
    "`metadata: {mastodon: {spoiler_text: …}}`.",
    "board boardname boardid": "Write `metadata: {pinterest: {board: …}}`.",
    "category label keyword topic": "Labels for the team are `tags`. Settings of a network "
    "stand under `metadata:`.",
    "draft isdraft state published publish approved ready": "Write `status: draft`, or "
    "`status: ready`, which is the default.",
    "slug uid key uuid postid guid": "The name of a post is `id`.",
    "override customization customisation pernetwork platformoverride": "What differs on a network "
    "or profile stands under `variants:`.",
    "shortlink shortenlink shortenurl": "Write `shorten: true`.",
    _NETWORK_WORDS: "What differs on a network stands under `variants:`, its settings under "
    "`metadata:`.",
}
"""By the words for them, squashed: hints for a post, a variant or defaults."""

PLACES: tuple[tuple[frozenset[str], Mapping[str, str]], ...] = (
    (frozenset({"text", "schedule"}), POST),
    (
        frozenset({"url", "alt"}),
        {
            "caption text description title alttext altdescription label": "What is read to people "
            "who do not see the image is `alt`.",
            "src href path source address link image photo": "Where the image is: `url`, or `file` "
            "for one in the repository.",
        },
    ),
    (
        frozenset({"url", "thumbnail"}),
        {
            "href link address src": "The address is `url`.",
            "image picture photo thumb preview img": "The picture of the card is `thumbnail`.",
            "text caption summary": "The words of the card are `title` and `description`.",
        },
    ),
    (
        frozenset({"url", "cover_ms"}),
        {
            "src href path source address link file": "The address of the file is `url`.",
            "thumbnail cover thumb poster thumboffset": "The cover is a moment of the video: "
            "`cover_ms`, in milliseconds.",
            "caption text description name alt": "A video has a `title`; what is posted is the "
            "`text` of the post.",
        },
    ),
    (
        frozenset({"at", "fold"}),
        {
            "date time datetime day when": "Write date and time in one: `at: 2026-12-01 09:30`.",
            "tz zone": "The zone is `timezone`, such as Europe/Berlin.",
        },
    ),
    (
        frozenset({"text", "images"}),
        {
            "message caption body content copy tweet": "The words are `text`.",
            "hashtag mention": "Write it in `text`.",
            "media photo picture image attachment img file": "Write `images:` with a list.",
        },
    ),
    (
        frozenset({"groups", "profiles"}),
        {
            "platform channel network account service social": "The connected accounts are "
            "`profiles`: an alias for each, and what selects it.",
            "tz zone": "The zone is `timezone`, such as Europe/Berlin.",
            "post folder path file source dir directory": "Where the posts are is `content`.",
            "default": "Keys for all posts stand under `defaults:`.",
        },
    ),
    (
        frozenset(name for name, network in NETWORKS.items() if network.settings),
        {
            "x": "X is `twitter` here.",
            "ig insta": "Write `instagram`.",
            "fb meta": "Write `facebook`.",
            "li": "Write `linkedin`.",
            "yt": "Write `youtube`.",
            "bsky": "Write `bluesky`.",
            "masto fediverse": "Write `mastodon`.",
            "gbp gmb googlemybusiness googlebusinessprofile": "Write `googlebusiness`.",
        },
    ),
)
"""The tables, each with keys that are known in its place and in no place further down."""

_POST_ALONE = ("profiles", "status", "id", "variants", "was")
_ONLY_IN_A_POST = ("`profiles`", "`status:", "`id`", "`variants:`")


def advice(key: str, known: Collection[str]) -> str:
    """Return what to write instead of a key that is unknown in a place; "" if it is in no table.

    `known` are the keys of that place.
    """
    squashed = squash(key)
    same = next((name for name in known if squash(name) == squashed), "")
    if same:
        return f"Did you mean `{same}`?"
    table = next((table for marks, table in PLACES if marks <= {*known}), {})
    is_variant = table is POST and "variants" not in known
    if is_variant and key in _POST_ALONE:
        return f"`{key}` belongs to the post itself, not to a variant."
    hint = next((table[words] for words in _rows(squashed, table)), "")
    if is_variant and any(one in hint for one in _ONLY_IN_A_POST):
        return f"{hint} It belongs to the post itself, not to a variant."
    return hint


def squash(key: str) -> str:
    """Return a key without case and without what stands between its words."""
    return _APART.sub("", key).casefold()


def _rows(squashed: str, table: Mapping[str, str]) -> Iterator[str]:
    """Yield the rows of a table that a word is in, those first that hold it as it is."""
    for form in _singular(squashed):
        yield from (words for words in table if form in words.split())


def _singular(word: str) -> Iterator[str]:
    """Yield a word, and what it is the plural of if it is one."""
    yield word
    if word.endswith("ies"):
        yield f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches")):
        yield word[:-2]
    if word.endswith("s"):
        yield word[:-1]
