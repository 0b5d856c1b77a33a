"""The tables of a world, and the indices by which a visit costs the same in a queue of any length.

Computed columns of `updates`. `state` is the status, or the kind of a draft. `list` is the list of
API v1 that shows an update, `since` the time by which that list can be cut, and `place` its order
there: updates without a time come last. `due` is the time as GraphQL shows it. A column that lists
are ordered by must not be NULL, since a page begins after given values: `NONE` stands for no time,
and comes before all others as NULL would.

Columns that repeat a value from JSON, so that it can be searched: `picture` is the picture of the
media, `parts` the number of posts of a thread.

`lengths` counts the updates of each profile by state. Triggers keep it.
"""

VERSION = 5
NONE = -(10**15)
"""In place of no time: before every date that a client can send."""

NAMES = (
    *("facts", "accounts", "tokens", "profiles", "updates", "lengths", "tags", "items"),
    *("questions", "arrivals", "faults", "late", "counts"),
)

_TABLES = f"""
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE accounts (
    id TEXT PRIMARY KEY, name TEXT, timezone TEXT, plan TEXT, created_at INTEGER
) WITHOUT ROWID;
CREATE TABLE tokens (id INTEGER PRIMARY KEY, digest TEXT UNIQUE, user_id TEXT);
CREATE TABLE profiles (
    id TEXT PRIMARY KEY, user_id TEXT, position INTEGER, service TEXT, service_type TEXT,
    service_id TEXT, service_username TEXT, formatted_username TEXT, timezone TEXT,
    schedules TEXT, created_at INTEGER, paused INTEGER, disconnected INTEGER, shortens INTEGER,
    preselected INTEGER, statistics TEXT, locked INTEGER, extras TEXT
) WITHOUT ROWID;
CREATE TABLE updates (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE, profile_id TEXT, user_id TEXT, client_id TEXT,
    created_at INTEGER, updated_at INTEGER, text TEXT, text_md5 TEXT, kind TEXT, media TEXT,
    extra_media TEXT, retweet TEXT, status TEXT, draft INTEGER, due_at INTEGER,
    scheduled_at INTEGER, pinned INTEGER, position INTEGER, shared_now INTEGER, sent_at INTEGER,
    service_update_id TEXT, service_link TEXT, error TEXT, statistics TEXT, via TEXT,
    approval INTEGER, tags TEXT, item_id TEXT, extras TEXT, picture TEXT, parts INTEGER,
    state TEXT AS (
        CASE WHEN draft AND approval THEN 'needs_approval' WHEN draft THEN 'draft' ELSE status END
    ),
    list TEXT AS (
        CASE WHEN draft THEN 'drafts' WHEN status IN ('buffer', 'error') THEN 'pending'
             WHEN status = 'service_reply' THEN 'replies' ELSE 'sent' END
    ),
    since INTEGER AS (CASE WHEN status IN ('buffer', 'error') THEN created_at ELSE sent_at END),
    place INTEGER AS (
        CASE WHEN draft THEN number WHEN status NOT IN ('buffer', 'error') THEN -sent_at
             WHEN due_at = 0 THEN {-NONE} ELSE due_at END
    ),
    due INTEGER AS (
        ifnull(CASE WHEN draft THEN scheduled_at WHEN due_at > 0 THEN due_at END, {NONE})
    )
);
CREATE TABLE lengths (
    profile_id TEXT, state TEXT, number INTEGER, PRIMARY KEY (profile_id, state)
) WITHOUT ROWID;
CREATE TABLE tags (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE, name TEXT UNIQUE, color TEXT, created_at INTEGER
);
CREATE TABLE items (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE, title TEXT, target_at INTEGER, tags TEXT,
    created_at INTEGER, draft TEXT, key TEXT,
    target INTEGER AS (ifnull(target_at, {NONE})),
    is_draft INTEGER AS (draft <> 'null')
);
CREATE TABLE questions (user_id TEXT, at REAL);
CREATE TABLE arrivals (user_id TEXT, at REAL);
CREATE TABLE faults (id INTEGER PRIMARY KEY, fault TEXT NOT NULL);
CREATE TABLE late (id INTEGER PRIMARY KEY, due REAL NOT NULL, call TEXT NOT NULL);
CREATE TABLE counts (
    endpoint TEXT, what TEXT, number INTEGER, PRIMARY KEY (endpoint, what)
) WITHOUT ROWID;
CREATE VIEW waiting AS SELECT * FROM updates WHERE status = 'buffer' AND draft = 0;
CREATE VIEW queued AS SELECT * FROM waiting WHERE scheduled_at IS NULL;
CREATE VIEW posts AS SELECT * FROM updates WHERE status <> 'service_reply'
"""

# A partial index serves a query only if the query repeats its condition, as the views do. Of two
# indices SQLite takes the one of which a query fixes more columns, hence `pinned` and `parts`.
_INDICES = """
CREATE INDEX updates_due ON updates (due_at, position, number)
    WHERE status = 'buffer' AND draft = 0;
CREATE INDEX updates_listed ON updates (profile_id, list, place, position, number);
CREATE INDEX updates_created ON updates (profile_id, state, created_at, number);
CREATE INDEX updates_timed ON updates (profile_id, state, due, created_at, number);
CREATE INDEX updates_queue ON updates (profile_id, position)
    WHERE status = 'buffer' AND draft = 0 AND scheduled_at IS NULL;
CREATE INDEX updates_slots ON updates (profile_id, due_at)
    WHERE status = 'buffer' AND draft = 0 AND scheduled_at IS NULL;
CREATE INDEX updates_pinned ON updates (profile_id, pinned, scheduled_at)
    WHERE status = 'buffer' AND draft = 0 AND pinned = 1;
CREATE INDEX updates_threads ON updates (profile_id, parts)
    WHERE status = 'buffer' AND draft = 0 AND parts > 1;
CREATE INDEX updates_item ON updates (item_id, number) WHERE item_id <> '';
CREATE INDEX updates_text ON updates (profile_id, text_md5);
CREATE INDEX updates_picture ON updates (profile_id, picture) WHERE picture <> '';
CREATE INDEX items_created ON items (created_at, number);
CREATE INDEX items_target ON items (target, number);
CREATE INDEX items_key ON items (key) WHERE key <> '';
CREATE INDEX questions_window ON questions (user_id, at);
CREATE INDEX questions_time ON questions (at);
CREATE INDEX arrivals_window ON arrivals (user_id, at);
CREATE INDEX arrivals_time ON arrivals (at)
"""

_ONE_MORE = """
INSERT INTO lengths VALUES (NEW.profile_id, NEW.state, 1)
    ON CONFLICT (profile_id, state) DO UPDATE SET number = number + 1;"""
_ONE_LESS = """
UPDATE lengths SET number = number - 1
    WHERE profile_id = OLD.profile_id AND state = OLD.state;"""

STATEMENTS = (
    *_TABLES.split(";"),
    *_INDICES.split(";"),
    f"CREATE TRIGGER updates_stored AFTER INSERT ON updates BEGIN {_ONE_MORE} END",
    f"CREATE TRIGGER updates_removed AFTER DELETE ON updates BEGIN {_ONE_LESS} END",
    "CREATE TRIGGER updates_changed AFTER UPDATE OF profile_id, status, draft, approval ON updates"
    " WHEN OLD.state <> NEW.state OR OLD.profile_id <> NEW.profile_id"
    f" BEGIN {_ONE_LESS} {_ONE_MORE} END",
)
