// What is shown: chosen in the page, kept in its address, so that a link shares it.

const GROUPS = {
  show: { words: "What happens", of: (card) => card.k },
  network: { words: "Network", of: (card) => [card.n] },
  profile: { words: "Profile", of: (card) => [card.p] },
  campaign: { words: "Campaign", of: (card) => (card.c ? [card.c] : []) },
  tag: { words: "Tag", of: (card) => card.g || [] },
};
const VIEWS = ["month", "week", "list"];
const state = { view: "month", day: null, zone: "home", find: "", post: "", chosen: {} };
for (const name in GROUPS) state.chosen[name] = new Set();

/** The first day that somebody who reviews wants to see. */
function firstDay() {
  const moving = facts.cards.filter(
    (card) => card.t !== undefined && ["create", "update", "destroy"].includes(card.k[0]),
  );
  const coming = moving.find((card) => card.t >= facts.now) || moving[0];
  return coming ? clock(coming.t, coming.o, coming.h, state.zone).day : today(state.zone);
}

function readAddress() {
  const said = new URLSearchParams(location.hash.slice(1));
  const narrow = matchMedia("(max-width: 640px)").matches;
  const number = /^#e(\d+)$/.exec(location.hash);
  state.view = VIEWS.includes(said.get("view")) ? said.get("view") : narrow ? "list" : "month";
  state.zone = ZONES.some((zone) => zone.id === said.get("zone")) ? said.get("zone") : "home";
  state.find = said.get("find") || "";
  state.post = number && facts.cards[number[1]] ? facts.cards[number[1]].a : said.get("post") || "";
  for (const name in GROUPS) state.chosen[name] = new Set(said.getAll(name));
  state.day = fromIso(said.get("date")) ?? firstDay();
}

function writeAddress() {
  const said = new URLSearchParams();
  said.set("view", state.view);
  said.set("date", iso(state.day));
  if (state.zone !== "home") said.set("zone", state.zone);
  if (state.find) said.set("find", state.find);
  for (const name in GROUPS) for (const value of state.chosen[name]) said.append(name, value);
  if (state.post) said.set("post", state.post);
  const address = "#" + said.toString();
  if (address !== location.hash) history.replaceState(null, "", address);
}

const articleOf = (number) => document.getElementById("e" + number);

/** All words of an entry. The list may not have been read to its end yet. */
function haystack(card, number) {
  if (card.words) return card.words;
  const article = articleOf(number);
  const parts = article ? article.querySelectorAll(".said, .heading, .picture, .clip, .link-card, .setting dd, .words") : [];
  const text = Array.from(parts, (found) => found.textContent).join("\n");
  const words = [card.x, card.a, card.n, card.c || "", ...(card.g || []), text]
    .join("\n")
    .toLowerCase();
  if (article) card.words = words;
  return words;
}

function fits(card, name) {
  const chosen = state.chosen[name];
  return chosen.size === 0 || GROUPS[name].of(card).some((value) => chosen.has(value));
}

const found = (card, number) =>
  !state.find || haystack(card, number).includes(state.find.toLowerCase());

/** The numbers of the cards that are shown, by time. */
function shown() {
  const numbers = [];
  facts.cards.forEach((card, number) => {
    if (Object.keys(GROUPS).every((name) => fits(card, name)) && found(card, number)) {
      numbers.push(number);
    }
  });
  return numbers;
}

/** How many there would be of each value of a group, were only the other groups asked. */
function counts(name) {
  const numbers = new Map();
  facts.cards.forEach((card, number) => {
    const others = Object.keys(GROUPS).every((other) => other === name || fits(card, other));
    const fit = others && found(card, number);
    for (const value of GROUPS[name].of(card)) {
      numbers.set(value, (numbers.get(value) || 0) + (fit ? 1 : 0));
    }
  });
  return numbers;
}

const isFiltered = () =>
  Boolean(state.find) || Object.values(state.chosen).some((chosen) => chosen.size > 0);
