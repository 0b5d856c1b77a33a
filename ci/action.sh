# shellcheck shell=bash
# Functions for the scripts of action.yml, which source this file. They read DIRECTORY and NAME, and what the runner
# sets: RUNNER_TEMP, GITHUB_SERVER_URL. Nothing is read from the checkout, and nothing is written into it.

# The runner reads the two streams of a step separately and does not keep their order. `shielded` needs the order.
exec 2>&1

# Plan, page and events of this use of the action; what goes into the artifact.
FILES="$RUNNER_TEMP/$NAME"
PROBLEMS="$RUNNER_TEMP/$NAME.problems"

# Run plancast from its environment. `-I`: Python imports nothing from the checkout, whatever PYTHONPATH says.
plancast() {
  "$RUNNER_TEMP/plancast.venv/bin/python" -I -m plancast -C "$DIRECTORY" "$@"
}

# Run a command whose output may hold text of posts, files or Buffer, and return its exit code. The runner obeys no
# `::command::` in that output: it waits for a random word, which the output cannot know.
shielded() {
  local word code=0
  word="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
  echo "::stop-commands::$word"
  "$@" || code=$?
  printf '\n::%s::\n' "$word" # on a line of its own, even if the output ends without a newline
  return "$code"
}

# Write to the summary of the run why a command did not do what it should: the title, and the problems that it printed.
# They may hold text of posts, so they are shown as they are: no Markdown, no HTML, no names that notify people.
explained() {
  {
    printf '### ❌ %s\n\n<pre>\n' "$1"
    head -c 60000 "$PROBLEMS" | sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g'
    printf '\n</pre>\n\n'
  } >> "$GITHUB_STEP_SUMMARY"
}

# Give git the token for this forge alone: for exactly its scheme, host and port, and only over https. The empty helper
# comes first, so that no other helper answers for this host or stores the token. It is written nowhere.
git_token() {
  local helper='!f() { if [ "$1" = get ]; then echo username=x-access-token; echo "password=$GITHUB_TOKEN"; fi; }; f'
  local next="${GIT_CONFIG_COUNT:-0}"
  case "$GITHUB_SERVER_URL" in https://*) ;; *) return 0 ;; esac
  export "GIT_CONFIG_KEY_$next=credential.$GITHUB_SERVER_URL.helper" "GIT_CONFIG_VALUE_$next="
  next=$((next + 1))
  export "GIT_CONFIG_KEY_$next=credential.$GITHUB_SERVER_URL.helper" "GIT_CONFIG_VALUE_$next=$helper"
  export GIT_CONFIG_COUNT=$((next + 1))
}
