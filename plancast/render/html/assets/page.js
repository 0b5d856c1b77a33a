// What the reader presses, and what is drawn anew because of it.

const byId = (id) => document.getElementById(id);
const help = byId("help");

const periodStart = () => (state.view === "month" ? month(state.day) : monday(state.day));

function title(numbers) {
  if (state.view === "month") return monthWords(state.day);
  if (state.view === "week") return weekWords(monday(state.day));
  return several(numbers.length, "post");
}

function draw() {
  const numbers = shown();
  const isList = state.view === "list";
  document.documentElement.dataset.view = state.view;
  byId("title").textContent = title(numbers);
  if (isList) drawList(numbers);
  else drawCalendar(numbers);
  byId("told").textContent = isFiltered()
    ? `${several(numbers.length, "post")} of ${facts.cards.length.toLocaleString("en")}`
    : "";
  for (const button of document.querySelectorAll("button[data-view]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === state.view));
  }
  byId("clear").hidden = !isFiltered();
  if (document.activeElement !== byId("find")) byId("find").value = state.find;
  byId("zone").value = state.zone;
  drawTiles();
  drawPickers();
  writeAddress();
}

function go(changes) {
  Object.assign(state, changes);
  draw();
}

function toggle(name, value) {
  const chosen = state.chosen[name];
  chosen.has(value) ? chosen.delete(value) : chosen.add(value);
  draw();
}

/** The counts of the head become filters. */
function makeTiles() {
  for (const tile of byId("tiles").children) {
    const button = make("button", "tile-button", ...tile.childNodes);
    button.type = "button";
    button.addEventListener("click", () => toggle("show", tile.dataset.mark));
    tile.replaceChildren(button);
  }
}

function drawTiles() {
  const numbers = counts("show");
  for (const tile of byId("tiles").children) {
    const chosen = state.chosen.show.has(tile.dataset.mark);
    const number = numbers.get(tile.dataset.mark) || 0;
    tile.firstElementChild.setAttribute("aria-pressed", String(chosen));
    tile.querySelector("b").textContent = number.toLocaleString("en");
    tile.classList.toggle("none", number === 0);
  }
}

/** One list of choices for each group that has any. */
function makePickers() {
  for (const name of ["network", "profile", "campaign", "tag"]) {
    const values = Array.from(counts(name).keys()).sort((one, other) => one.localeCompare(other, "en"));
    if (values.length < (name === "campaign" || name === "tag" ? 1 : 2)) continue;
    const picker = make("details", "picker");
    picker.dataset.group = name;
    const heading = make("summary", "quiet", GROUPS[name].words + " ", make("span", "chosen"));
    const options = make("div", "options");
    for (const value of values) {
      const button = make("button", "option", make("span", "", value), make("b", ""));
      button.type = "button";
      button.dataset.value = value;
      button.addEventListener("click", () => toggle(name, value));
      options.append(button);
    }
    picker.append(heading, options);
    byId("pickers").append(picker);
  }
}

function drawPickers() {
  for (const picker of byId("pickers").children) {
    const name = picker.dataset.group;
    const numbers = counts(name);
    const chosen = state.chosen[name];
    picker.querySelector(".chosen").textContent = chosen.size ? String(chosen.size) : "";
    picker.classList.toggle("active", chosen.size > 0);
    for (const button of picker.querySelectorAll(".option")) {
      button.setAttribute("aria-pressed", String(chosen.has(button.dataset.value)));
      button.lastElementChild.textContent = numbers.get(button.dataset.value).toLocaleString("en");
    }
  }
}

function closePickers(but) {
  const open = Array.from(document.querySelectorAll(".picker[open]")).filter((one) => one !== but);
  for (const picker of open) picker.open = false;
  return open;
}

function move(by) {
  if (state.view === "month") return go({ day: month(state.day, by) });
  if (state.view === "week") return go({ day: monday(state.day) + 7 * by });
  const days = listedDays();
  const top = byId("posts").querySelector(".day") && stickyTop();
  const at = days.findIndex((item) => item.section.getBoundingClientRect().bottom > top + 40);
  const target = days[Math.min(days.length - 1, Math.max(0, (at < 0 ? days.length : at) + by))];
  target?.section.scrollIntoView({ block: "start" });
}

const stickyTop = () => document.querySelector(".tools").getBoundingClientRect().bottom;

function toToday() {
  if (state.view === "list") scrollToDay(today(state.zone));
  else go({ day: today(state.zone) });
}

function nextZone() {
  const place = ZONES.findIndex((zone) => zone.id === state.zone);
  go({ zone: ZONES[(place + 1) % ZONES.length].id });
}

function switchTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try {
    localStorage.setItem("plancast-theme", root.dataset.theme);
  } catch {
    // A browser that keeps nothing for files: then it holds for this visit.
  }
}

function clearFilters() {
  for (const name in GROUPS) state.chosen[name].clear();
  go({ find: "" });
}

const KEYS = {
  m: () => go({ view: "month" }),
  w: () => go({ view: "week" }),
  l: () => go({ view: "list" }),
  t: toToday,
  n: () => step(1),
  j: () => step(1),
  p: () => step(-1),
  k: () => step(-1),
  z: nextZone,
  i: loadPictures,
  d: switchTheme,
  ArrowLeft: () => (sheet.open ? step(-1) : move(-1)),
  ArrowRight: () => (sheet.open ? step(1) : move(1)),
  "/": () => byId("find").focus(),
  "?": () => help.showModal(),
};
const IN_SHEET = ["n", "j", "p", "k", "d", "i", "ArrowLeft", "ArrowRight"];

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    const picker = closePickers()[0];
    if (picker) picker.querySelector("summary").focus();
    else if (event.target === byId("find")) byId("find").blur();
    return;
  }
  const typing = event.target.matches("input:not([type=checkbox]), select, textarea, pre");
  if (typing || help.open || !byId("keys").checked) return;
  if (sheet.open && !IN_SHEET.includes(event.key)) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

function listen() {
  for (const button of document.querySelectorAll("button[data-view]")) {
    button.addEventListener("click", () => go({ view: button.dataset.view }));
  }
  const clicks = {
    earlier: () => move(-1), later: () => move(1), today: toToday, clear: clearFilters,
    theme: switchTheme, pictures: loadPictures, ask: () => help.showModal(),
    before: () => step(-1), after: () => step(1), close: () => sheet.close(),
  };
  for (const id in clicks) byId(id).addEventListener("click", clicks[id]);
  byId("find").addEventListener("input", (event) => go({ find: event.target.value.trim() }));
  byId("zone").addEventListener("change", (event) => go({ zone: event.target.value }));
  sheet.addEventListener("close", () => {
    state.post = "";
    writeAddress();
    if (current !== null && state.view !== "list") lookAt(current);
  });
  for (const dialog of [sheet, help]) {
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", (event) => {
    closePickers(event.target.closest(".picker"));
    const link = event.target.closest("[data-open]");
    if (!link) return;
    event.preventDefault();
    openSheet(Number(link.dataset.open));
  });
  addEventListener("hashchange", arrive);
}

/** Show what the address says. */
function arrive() {
  readAddress();
  const wanted = state.post;
  draw();
  const number = wanted ? facts.cards.findIndex((card) => card.a === wanted) : -1;
  if (number >= 0) openSheet(number);
  else if (sheet.open) sheet.close();
}

for (const zone of ZONES) {
  const option = make("option", "", zone.words);
  option.value = zone.id;
  byId("zone").append(option);
}
makeTiles();
makePickers();
listen();
arrive();
performance.mark("drawn");
document.addEventListener("DOMContentLoaded", () => {
  if (state.view === "list" || state.find) draw();
});
