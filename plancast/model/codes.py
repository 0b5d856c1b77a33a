"""The table of diagnostic codes: one line each, the source of `docs/reference/diagnostics.md`.

Blocks: PC0xx the file cannot be read · PC1xx YAML · PC2xx the shape of a post ·
PC3xx profiles and selectors · PC4xx times · PC5xx what a network takes ·
PC6xx state and journal · PC7xx rails and policy · PC8xx the provider and the
forge · PC9xx what became of a post.

A code is never given a second meaning; one that is retired stays retired.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """The part of a diagnostic that is the same in every case.

    `severity` is a value of `diagnostics.Severity`. `{provider}` in `summary` and `hint` stands for
    the title of the provider.
    """

    summary: str
    severity: str = "error"
    hint: str = ""

    @property
    def names_provider(self) -> bool:
        """Whether its words name the provider, so that a diagnostic needs a title."""
        return _PROVIDER in self.summary + self.hint

    def about(self, title: str) -> Code:
        """Return the code with the title of a provider in its words."""
        if not self.names_provider:
            return self
        words = (one.replace(_PROVIDER, title) for one in (self.summary, self.hint))
        summary, hint = (one[:1].upper() + one[1:] for one in words)
        return Code(summary, self.severity, hint)


_PROVIDER = "{provider}"
"""Stands for the title of the provider in the words of a code."""


CODES: dict[str, Code] = {
    # -- PC0xx: files ---------------------------------------------------------------------
    "PC001": Code("No workspace found", hint="Run `plancast init`, or name a folder with -C."),
    "PC002": Code("The file cannot be read"),
    "PC003": Code("The file is not UTF-8", hint="Save it as UTF-8."),
    "PC004": Code(
        "A path leads out of the workspace",
        hint="Keep posts and images inside the folder of plancast.yaml.",
    ),
    "PC005": Code("The file is too large", hint="Split it: one post needs no more than a few KB."),
    "PC006": Code("No post files found", "warning", "Check `content:` in plancast.yaml."),
    "PC007": Code("The file cannot be written"),
    "PC008": Code("Files are not in canonical form", hint="Run `plancast fmt`."),
    "PC009": Code(
        "The file would change its meaning",
        hint="It was left as it is. This is a fault of plancast: report the file, if you can.",
    ),
    "PC010": Code("There is no git checkout here", hint="Run `git init`, or clone a repository."),
    "PC011": Code(
        "A file of plancast is a link",
        hint="It was not followed. Remove it, and `git rm --cached` it if it was committed.",
    ),
    "PC012": Code(
        "The operating system refused",
        hint="Check that there is room on the disk, and that the folder may be used.",
    ),
    "PC014": Code(
        "A file of plancast came with the repository",
        hint="It was not believed. `git rm -r --cached .plancast .plancast-sandbox` takes such "
        "files out; ask first who put them there.",
    ),
    "PC013": Code(
        "The output cannot be written",
        hint="Free some space, or write it elsewhere. What was done is in the state.",
    ),
    "PC015": Code(
        "A content folder is missing",
        "warning",
        "git keeps no empty folder, so this is right after its last post was removed. Otherwise "
        "check `content:` in plancast.yaml.",
    ),
    "PC016": Code("A file with an ending that is not read"),
    "PC017": Code(
        "A file holds no post",
        "warning",
        "Write a post into it, or remove it. A file of comments alone is empty for YAML.",
    ),
    "PC018": Code("A file of another tool is not read", "warning"),
    "PC019": Code("A file with a name that has no effect"),
    "PC020": Code(
        "A file has more documents than are read",
        hint="This file holds one document. Remove the others, or move what they say into it.",
    ),
    # -- PC1xx: YAML ----------------------------------------------------------------------
    "PC101": Code("The YAML is broken"),
    "PC102": Code("A tab is used for indentation", hint="Indent with spaces."),
    "PC103": Code("A key is written twice", hint="Remove one of the two."),
    "PC104": Code("Nested too deeply"),
    "PC105": Code("Too many aliases", hint="Write the value out where it is used."),
    "PC106": Code("A tag is not supported", hint="Remove the tag; plain YAML values are enough."),
    "PC107": Code("A key is not a plain text", hint="Quote the key, or remove it."),
    "PC108": Code("The front matter is not closed", hint="Write a line `---` below its last key."),
    "PC109": Code(
        "A Markdown file has no front matter",
        hint="A post begins with its keys, between two lines `---`. If the file is no post, move "
        "it out of the content folders.",
    ),
    "PC110": Code(
        "YAML takes a part of a text for a comment",
        hint="Put the text in quotes, or write it as a block: `|`, and the text below, indented. "
        "If it is a comment, put a blank behind its `#`.",
    ),
    "PC111": Code(
        "YAML takes the beginning of a text for a name",
        hint="Put the text in quotes, or write it as a block: `|`, and the text below, indented.",
    ),
    # -- PC2xx: shape ---------------------------------------------------------------------
    "PC201": Code("An unknown key"),
    "PC202": Code("A value has the wrong type"),
    "PC203": Code("A value is not allowed here"),
    "PC204": Code("A required key is missing"),
    "PC205": Code("Two posts have the same id", hint="Give one of them another `id:`."),
    "PC206": Code(
        "The same text at the same time on one profile",
        hint="Remove one of them, or change its text or its time.",
    ),
    "PC207": Code("The post is empty", hint="Give it a text, a link, an image or a video."),
    "PC208": Code(
        "The id is not valid", hint="Use letters from A to Z, digits, `.`, `_`, `-` and `/` in ids."
    ),
    "PC209": Code("The post names no profile", hint="Add `profiles: [ALIAS]`."),
    "PC210": Code(
        "An image has no alternative text",
        "warning",
        "Describe it: `alt:` beside `url:`, or `![words](https://…)` in Markdown. It is read "
        "aloud to people who do not see the image.",
    ),
    "PC211": Code("An image file does not exist"),
    "PC212": Code(
        "A document has no id",
        hint="Every post of a file after the first names its own. `plancast fmt` writes it.",
    ),
    "PC213": Code("What is said about moved posts contradicts itself"),
    "PC214": Code(
        "A post that is said to be moved is unknown",
        hint="Check the spelling. `plancast state list` shows the ids that there are.",
    ),
    "PC216": Code(
        "All posts are drafts",
        "info",
        "A draft is checked, and never planned: take `status: draft` out to plan it.",
    ),
    "PC215": Code("A line about a moved post has had its effect", "info", "It can be removed."),
    "PC226": Code(
        "Markdown would be sent as it is written",
        "warning",
        "Networks show its signs. `markdown: plain` converts them to plain text, `markdown: "
        "literal` sends them as they are: write one of the two into the post, a _defaults.yaml, or "
        "plancast.yaml for all posts.",
    ),
    "PC227": Code(
        "The text was converted from Markdown",
        "info",
        "Plans show the text that is sent. `markdown: literal` would send it as it is written.",
    ),
    "PC228": Code(
        "Markdown has no plain form and is sent as it is written",
        "warning",
        "Rewrite it as plain text, or escape its signs with a backslash if they are meant.",
    ),
    "PC229": Code("An image in the text cannot become an image of the post"),
    "PC230": Code(
        "A second front matter stands in the text",
        hint="A Markdown file holds one post: move the second one to a file of its own.",
    ),
    # -- PC3xx: profiles ------------------------------------------------------------------
    "PC301": Code("An unknown profile", hint="Aliases are defined in plancast.yaml."),
    "PC302": Code("An unknown group", hint="Groups are defined in plancast.yaml."),
    "PC303": Code("A selector matches no profile", hint="`plancast profiles` lists what exists."),
    "PC304": Code(
        "A selector matches several profiles", hint="Add `id:` or `service_id:` to the selector."
    ),
    "PC305": Code("Two aliases mean the same profile", hint="Keep one of them."),
    "PC306": Code(
        "A profile is disconnected",
        "warning",
        "Reconnect it in {provider}: nothing goes out until then.",
    ),
    "PC307": Code(
        "A variant fits no profile of the post",
        "warning",
        "Add the profile to the post, or remove the variant.",
    ),
    "PC308": Code(
        "A profile is locked",
        "warning",
        "The account's plan does not cover it: {provider} takes no posts for it.",
    ),
    "PC309": Code(
        "The queue of a profile is paused",
        "warning",
        "Resume it in {provider}: nothing goes out until then.",
    ),
    "PC310": Code(
        "Settings are for a network that the post does not go to",
        "warning",
        "Add a profile of that network, or remove them.",
    ),
    "PC311": Code("A target matches no address"),
    "PC312": Code(
        "An alias is the name of a network",
        hint="Give it another name. A variant or settings by that name are for the network.",
    ),
    "PC313": Code("A group has no members", "warning", "Name aliases in it, or remove it."),
    "PC314": Code("A post goes nowhere", hint="Name a profile, or set `status: draft`."),
    "PC315": Code("A group holds a group", hint="Write out the members: a group holds aliases."),
    "PC316": Code(
        "A variant has the name of no profile and no network",
        "warning",
        "Variants are named by an alias of plancast.yaml or by a network.",
    ),
    # -- PC4xx: times ---------------------------------------------------------------------
    "PC401": Code("The time cannot be read", hint="Write it as 2026-12-01 09:30."),
    "PC402": Code("The time zone is unknown", hint="Use an IANA name such as Europe/Berlin."),
    "PC403": Code("The time does not exist in its zone", hint="Choose another time."),
    "PC404": Code(
        "The time exists twice in its zone", hint="Say which: `fold: earlier` or `fold: later`."
    ),
    "PC405": Code(
        "The time passed before the post existed",
        hint="Give it a new time, or set `policy.missed: warn`. It is never sent late.",
    ),
    "PC406": Code("The time is too close", hint="Leave at least `policy.min_lead` until then."),
    "PC407": Code("Nothing may be due in this window", hint="See `policy.freeze`."),
    "PC408": Code("Two posts are too close together", "warning", "See `policy.min_gap`."),
    "PC409": Code("Too many posts on one day", "warning", "See `policy.max_per_day`."),
    # -- PC5xx: networks ------------------------------------------------------------------
    "PC501": Code("The text is too long for the network", hint="Shorten it, or add a variant."),
    "PC502": Code("The network needs an image", hint="Add `images:`, or leave the profile out."),
    "PC503": Code("Too many images for the network", hint="Take some out, or add a variant."),
    "PC504": Code("The network cannot do this"),
    "PC505": Code("The network needs a text", hint="Add `text:`, or leave the profile out."),
    "PC506": Code("The alternative text is too long for the network", hint="Shorten it."),
    "PC507": Code(
        "The same text again within a day on one profile",
        "warning",
        "Networks refuse or hide repetitions; change the text, or see `policy.duplicates`.",
    ),
    "PC508": Code(
        "The image needs a public address",
        hint="{provider} fetches images from the web: put it there and write `url:`.",
    ),
    "PC509": Code(
        "The provider cannot do this",
        hint="`provider: buffer-graphql` can; or take the key out. See docs/providers.md.",
    ),
    "PC510": Code("The network needs a setting", hint="Write it under `metadata:`."),
    "PC511": Code("No such board", hint="`plancast profiles` lists the boards."),
    "PC512": Code(
        "Links are shortened by the channel",
        "warning",
        "Whether links are shortened is a setting of the channel in {provider}, not of a post.",
    ),
    "PC513": Code(
        "These parts of a post exclude each other",
        hint="Keep one of them, or write the other in a variant or in a post of its own.",
    ),
    "PC514": Code(
        "The thread cannot go out as it is",
        hint="The first post is `text`; `thread` is what follows. Each part needs words or images.",
    ),
    "PC515": Code(
        "Creates are not made with keys",
        "info",
        "`safety: strict` is used instead. `plancast doctor --probe` asks {provider} what "
        "`safety: keyed` needs to know.",
    ),
    "PC516": Code("A draft that an earlier run has left will be removed", "info"),
    "PC517": Code(
        "The provider has no creates with a key",
        "info",
        "`safety: strict` is used instead. Of {provider}'s APIs, the current one has them: "
        "`provider: buffer-graphql`.",
    ),
    "PC520": Code(
        "The text may be too long for the account",
        "warning",
        "This is the usual limit of the network; an account may have another one. A plan with a "
        "key checks it by the account's own limit, which the state then remembers.",
    ),
    "PC521": Code("Too many links for the network", hint="Take some out, or add a variant."),
    "PC522": Code("Too many hashtags for the network", hint="Take some out, or add a variant."),
    "PC523": Code(
        "A character that the network refuses",
        hint="Delete it: it is not seen, and often came along when the text was copied.",
    ),
    "PC524": Code(
        "A control character in a text",
        hint="Delete it: it has no meaning in a post. A line break is `\\n`, a tab `\\t`.",
    ),
    "PC525": Code(
        "The text shows nothing",
        hint="It has only characters that are not seen. Write a text, or take it out.",
    ),
    "PC526": Code(
        "Too many posts within 24 hours for the network",
        hint="Move some to another time, or leave the profile out.",
    ),
    "PC527": Code(
        "A profile may only remind a person",
        "warning",
        "By its settings in {provider}, a person may have to publish its posts by hand.",
    ),
    "PC528": Code("A post waits until the same text is out", "warning"),
    "PC529": Code(
        "A post would be missed, since the same text is in the way until then",
        "warning",
        "Change its text, or give it a later time.",
    ),
    "PC530": Code(
        "The file is of a type that the network does not take",
        hint="Images: JPEG or PNG. Videos: MP4. See docs/media.md.",
    ),
    "PC531": Code(
        "The address leads to a page of a forge, not to the file",
        hint="Write the address of the raw file.",
    ),
    "PC532": Code(
        "The address leads to a page that shows the file, not to the file",
        hint="Put the file on a website or into a public bucket, and write the address at which a "
        "browser shows the file alone. See docs/media.md.",
    ),
    "PC533": Code(
        "The file is in a private network",
        hint="{provider} fetches files over the internet: put it where everyone can reach it.",
    ),
    "PC534": Code(
        "The address of a file holds a user name or a password",
        "warning",
        "Files have to be public, and everyone who reads the repository can read it: take it out.",
    ),
    "PC535": Code(
        "The address expires before the post goes out",
        hint="{provider} fetches the file when the post goes out: write an address that stays.",
    ),
    "PC536": Code(
        "The address expires",
        "warning",
        "{provider} fetches the file when the post goes out: write an address that stays.",
    ),
    "PC537": Code(
        "A failed post was changed, but its time has passed",
        hint="Give it another time, or set `policy.missed: warn`. It is never sent late.",
    ),
    "PC538": Code(
        "A post got another time by hand, and that of its file has passed",
        "warning",
        "`plancast pull` takes what is there into the file.",
    ),
    "PC540": Code(
        "The file is not there",
        hint="Open the address in a private window: the file itself has to appear.",
    ),
    "PC541": Code(
        "It is not known whether the file is there",
        "warning",
        "Open the address in a private window: the file itself has to appear.",
    ),
    "PC542": Code(
        "The address answers with another type of file",
        hint="Images: JPEG or PNG. Videos: MP4. See docs/media.md.",
    ),
    "PC543": Code(
        "The file is larger than the network takes",
        "warning",
        "Make it smaller. See docs/media.md.",
    ),
    "PC544": Code(
        "Media were not asked for: this run is for a request from a fork",
        "info",
        "`--online-forks` asks all the same.",
    ),
    "PC545": Code(
        "This is not the address of a post on the network",
        hint="Write the address of the post, such as https://x.com/NAME/status/NUMBER, or its "
        "number in quotes.",
    ),
    "PC546": Code(
        "A post that passes on another one cannot have this as well",
        hint="Take one of them out, or write a second post.",
    ),
    "PC547": Code("A setting that means nothing without another one"),
    "PC548": Code(
        "A change waits, since its post is on its way to the network",
        "warning",
        "{provider} can change it no more. A later plan shows what became of it.",
    ),
    # -- PC6xx: state ---------------------------------------------------------------------
    "PC601": Code("The state cannot be read", hint="It was left as it is. See docs/state.md."),
    "PC602": Code("The state was written by a newer plancast", hint="Upgrade plancast."),
    "PC603": Code("The journal is damaged", hint="It was left as it is. See docs/state.md."),
    "PC604": Code("The state was changed by another run", hint="Run the command again."),
    "PC605": Code("The state is locked by another run", hint="Wait for it, or use --lock-timeout."),
    "PC606": Code(
        "The state cannot be written", hint="Free some space, or remove what is in the way."
    ),
    "PC607": Code("No such address in the state", hint="`plancast state list` shows them all."),
    "PC608": Code("The plan file cannot be read", hint="Make it again with `plancast plan -o`."),
    "PC609": Code("The plan is stale", hint="Run `plancast plan` again."),
    "PC610": Code(
        "The state cannot be reached",
        hint="Check the remote, and the right to read its ref. See docs/state.md.",
    ),
    "PC611": Code(
        "The state was set back",
        hint="Its ref was replaced. Nothing is done on an older state. See docs/state.md.",
    ),
    "PC612": Code(
        "The state is kept elsewhere",
        hint="`plancast state push .plancast/state.json` moves it; or remove that file.",
    ),
    "PC613": Code(
        "The state keeps no history", hint="A state in git does: `state: {backend: git}`."
    ),
    "PC614": Code("The state cannot be replaced by this file"),
    "PC615": Code(
        "The state belongs to another API",
        hint="`plancast migrate --to buffer-graphql` moves it. See docs/migrate.md.",
    ),
    "PC616": Code(
        "It is not certain which post is owned",
        hint="If it may have gone out, `plancast apply` first finds that out. Else say which it is "
        "with `--match ADDRESS=ID`, or let go of it with `--forget ADDRESS`.",
    ),
    "PC617": Code(
        "The ref of the state holds something else",
        hint="Name one for the state alone: `state: {backend: git, ref: refs/plancast/NAME}`.",
    ),
    "PC618": Code(
        "The plan contradicts itself",
        hint="Nothing was applied. This is a fault of plancast: report it, if you can, with the "
        "output of `plancast plan --format json`.",
    ),
    "PC619": Code(
        "A published post has a new text or a new time",
        hint="If it is a new post, give it an `id:` of its own. If it is the same one, say `was:`.",
    ),
    "PC620": Code(
        "Nearly the same text was published, and its file is gone",
        hint="If it is the same post, say `was:`. If it is to go out again, give it a time.",
    ),
    "PC621": Code("A copy of a workspace has the id of the original"),
    "PC622": Code("The state belongs to another workspace"),
    "PC623": Code("The state belongs to another environment"),
    "PC624": Code("It is not certain where the state of this workspace is"),
    "PC625": Code("The state is missing"),
    "PC626": Code("The state is kept in another repository"),
    "PC627": Code("The state cannot be adopted"),
    "PC628": Code(
        "The queue was never looked at",
        "warning",
        "What the files ask for is shown as new, though it may be live already. A plan with a key "
        "shows that.",
    ),
    "PC629": Code("A folder that is gone still owns what would be created"),
    # -- PC7xx: rails ---------------------------------------------------------------------
    "PC701": Code("Too much would be destroyed"),
    "PC702": Code("The files ask for nothing", hint="If that is meant, pass --allow-empty."),
    "PC703": Code("An entry is due too soon to be touched", hint="Pass --allow-due-soon to do it."),
    "PC704": Code(
        "The token belongs to another account",
        hint="If that is meant, pass --allow-account-change.",
    ),
    "PC705": Code("This machine's clock is wrong", hint="Set it, or pass --allow-clock-skew."),
    "PC706": Code(
        "A protected post would be destroyed", hint="Remove `protect: true` from its file first."
    ),
    "PC707": Code("Publishing is paused", "warning", "Remove `policy.paused` to go on."),
    "PC708": Code("People changed what plancast made", hint="See on_drift in docs/plan.md."),
    "PC709": Code("A change made in {provider} cannot be pulled", "warning"),
    "PC710": Code("Too much would be updated"),
    "PC711": Code(
        "A short link of {provider} was written into a file",
        "warning",
        "Where it leads is not known here. Write the link that is meant in its place.",
    ),
    # -- PC8xx: provider ------------------------------------------------------------------
    "PC801": Code("The provider is unknown", hint="One of: sandbox, buffer, buffer-graphql."),
    "PC802": Code(
        "The token is missing",
        hint="Set BUFFER_API_KEY, or for API v1 BUFFER_ACCESS_TOKEN.",
    ),
    "PC803": Code(
        "The token was refused",
        hint="Check BUFFER_API_KEY, or for API v1 BUFFER_ACCESS_TOKEN. A key lives a year at most "
        "and may lack a scope. An owner of the organization can make another: docs/going-live.md.",
    ),
    "PC804": Code("The provider cannot be reached"),
    "PC805": Code("The provider answered in a way that cannot be trusted"),
    "PC806": Code(
        "The address of the provider is not allowed", hint="Use https, or http on loopback."
    ),
    "PC807": Code("The request limit is used up"),
    "PC808": Code("The provider refused the request"),
    "PC809": Code("This cannot be done"),
    "PC810": Code(
        "The API of the provider is retired soon",
        "warning",
        "`plancast migrate --to buffer-graphql` moves this workspace. See docs/migrate.md.",
    ),
    "PC811": Code(
        "The organization is not clear",
        hint="Name it: `provider: {name: buffer-graphql, organization: ID}`.",
    ),
    "PC812": Code(
        "It is not certain which channel a profile is",
        hint="Say it with `--profile ALIAS=ID`.",
    ),
    "PC813": Code(
        "Without a key there is no look at {provider}",
        "warning",
        "Give the job a key that may read. See docs/ci.md.",
    ),
    "PC814": Code(
        "An installed provider cannot be used",
        hint="Install the package that brings it again, or remove it. See "
        "docs/writing-a-provider.md.",
    ),
    "PC820": Code(
        "This is no run of a CI",
        hint="Run it in GitHub Actions or GitLab CI. `plan --format markdown` shows it anywhere.",
    ),
    "PC821": Code(
        "The token of the forge is missing",
        hint="Set GITHUB_TOKEN, or GITLAB_TOKEN. See docs/ci.md.",
    ),
    "PC822": Code(
        "The token of the forge was refused", hint="Check GITHUB_TOKEN, or GITLAB_TOKEN."
    ),
    "PC823": Code("The token of the forge may not do this", hint="See docs/ci.md."),
    "PC824": Code("The forge cannot be reached", hint="Run the job again."),
    "PC825": Code("The forge answered in a way that cannot be trusted"),
    "PC826": Code(
        "The address of the forge is not allowed", hint="Use https, or http on loopback."
    ),
    "PC827": Code("The environment is not that of a run of the CI"),
    "PC828": Code("The forge refused the request"),
    "PC829": Code(
        "The record of the apply is not whole",
        "warning",
        "What it leaves out is shown as unknown. `plancast status` shows what is in the queue.",
    ),
    "PC840": Code(
        "A newer commit is on the branch",
        hint="Nothing was applied: the run of the newer commit applies both.",
    ),
    "PC841": Code(
        "This commit is not the tip of the branch",
        hint="Nothing was applied. CI applies what stands at the tip of the default branch, or of "
        "`policy.branch`.",
    ),
    "PC842": Code("What was approved cannot be read", hint="`plancast reviewed --out` writes it."),
    "PC843": Code(
        "It has not been approved",
        "warning",
        "It stays as it is until a person acts: run the workflow by hand with the id of the plan, "
        "or take it out again.",
    ),
    "PC844": Code(
        "The network has refused it",
        "warning",
        "It is not tried again by itself: change its file, or apply by hand.",
    ),
    "PC845": Code(
        "The plan does something that was not approved",
        hint="Read it in the summary of the run, then run the workflow by hand with its id.",
    ),
    "PC846": Code(
        "A file for CI is older than this plancast",
        "warning",
        "Remove it and run `plancast init --ci` again; the diff shows what you had changed.",
    ),
    "PC847": Code(
        "A file for CI is about a folder without a workspace",
        "warning",
        "If the folder was renamed, remove the file and run `plancast init --ci` in the new one.",
    ),
    "PC848": Code(
        "The probe was not confirmed",
        hint="Run it in a terminal, which asks, or pass --yes.",
    ),
    "PC849": Code(
        "There is nothing to probe",
        hint="A probe needs `provider: buffer-graphql`, or a sandbox with `api: graphql`.",
    ),
    "PC850": Code(
        "Objects of a probe may still be there",
        "warning",
        "Run `plancast doctor --probe` again in a few minutes: it removes them.",
    ),
    "PC851": Code(
        "This profile cannot be probed",
        hint="Name one that takes a text alone, and that is connected.",
    ),
    "PC852": Code(
        "A setting does not work on this account",
        "warning",
        "Choose `safety: direct`, or probe the account again.",
    ),
    # -- PC9xx: what became of it -----------------------------------------------------------
    "PC901": Code(
        "A published post was edited", "warning", "What went out cannot be changed here."
    ),
    "PC902": Code("The network refused a post"),
    "PC903": Code("A post is gone from the queue and was not published", "warning"),
    "PC904": Code(
        "An outcome is unknown", hint="Run `plancast apply` again after the quiet period."
    ),
    "PC905": Code("A post waits for room in the queue", "warning"),
    "PC906": Code("A post is overdue", "warning", "{provider} has not sent it yet."),
    "PC907": Code(
        "{provider} will only remind a person of a post",
        "warning",
        "It goes out when a person publishes it by hand. Check the channel in {provider}.",
    ),
    "PC909": Code(
        "The same text was published already",
        "warning",
        "To publish it again, give it a time of its own, or change the text.",
    ),
    "PC910": Code(
        "A post was not approved or scheduled in time",
        "warning",
        "Approve or schedule it in {provider}, give it a new time in its file, or remove the file.",
    ),
    "PC911": Code(
        "A post waits until another workspace lets go of it",
        "warning",
        "If its file moved here, apply there first, then here. Of a copy, remove one. If two wait "
        "for each other, take one of the files out, apply, and bring it back.",
    ),
    "PC912": Code(
        "The state of another workspace cannot be read",
        "warning",
        "What it owns is not known, so what moved here from there may go out twice.",
    ),
}


RAIL_CODES = frozenset(f"PC70{number}" for number in range(1, 7)) | {
    *("PC708", "PC710", "PC615"),
    *("PC840", "PC841", "PC845"),
    *("PC621", "PC622", "PC623", "PC624", "PC625", "PC626", "PC629"),
}
"""Codes that mean: refused for safety, there is a flag (or a key) for it."""
