"""The decisions of plancast, all pure: compare what files ask for with what the queue holds.

Nothing in this package reads a file, a clock, an environment variable or a socket. Every input is
a frozen value and so is every decision. `engine` reads the world, calls these functions and carries
out what they return. Read in this order:

* `expand` turns posts into entries, one for each profile; `schedule` turns wall clocks into
  instants; `selectors` finds the profile that an alias means;
* `match` (with `match_steps`, `match_scores` and `match_rules`) pairs desired entries with owned
  and live ones; `moves` reads what authors state about renames;
* `diff` turns each pair into a change, with the comparisons of `compare`;
* `groups` ties changes that must be made together; `rails` refuses or holds back what policy
  forbids; `neighbours` and `strays` look at entries that another workspace or a late request made;
* `order` turns changes into requests; `state_updates` folds their outcomes into the state;
* `approvals`, `staleness`, `branch_tip` and `workspace_identity` decide whether a run may apply a
  plan at all, and `top_up` what a run at night may send.
"""
