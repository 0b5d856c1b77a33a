// The month and the week. Elements are made by hand: no text is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";
const ROOM = { month: 3, week: 40 };
const STAGES = ["draft", "approval"]; // the marks of what does not go out by itself
const opened = new Set(); // days that show all of their posts

function make(tag, name, ...children) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

function icon(name) {
  const picture = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  picture.setAttribute("class", "icon");
  picture.setAttribute("aria-hidden", "true");
  use.setAttribute("href", "#i-" + name);
  picture.append(use);
  return picture;
}

function badge(card) {
  const element = make("span", "badge n-" + card.s, card.l);
  element.title = card.n + ", " + card.p;
  return element;
}

const unseen = (words) => make("span", "unseen", words);
const several = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

/** Entries of one post at one time are one chip; where a time moves, its old place has a ghost. */
function chips(numbers) {
  const byDay = new Map();
  const known = new Map();
  const put = (day, chip) => byDay.set(day, [...(byDay.get(day) || []), chip]);
  for (const number of numbers) {
    const card = facts.cards[number];
    if (card.t === undefined) {
      put(null, { numbers: [number], time: "" });
      continue;
    }
    const at = clock(card.t, card.o, card.h, state.zone);
    const key = card.i ? [card.i, at.day, at.time, ...card.k].join("\n") : "\n" + number;
    if (known.has(key)) {
      known.get(key).numbers.push(number);
    } else {
      const chip = { numbers: [number], time: at.time, name: at.name };
      known.set(key, chip);
      put(at.day, chip);
    }
    if (card.b !== undefined) ghost(card, number, at, put);
  }
  for (const list of byDay.values()) list.sort((one, other) => one.time.localeCompare(other.time));
  return byDay;
}

function ghost(card, number, at, put) {
  const was = clock(card.b, card.bo, card.bh, state.zone);
  if (was.day === at.day) return;
  put(was.day, { numbers: [number], time: was.time, ghost: `moves to ${dayWords(at.day)} ${at.time}` });
}

function chip(item) {
  const card = facts.cards[item.numbers[0]];
  const marks = card.k.map((mark) => facts.marks[mark]).join(", ");
  const top = make("span", "chip-top", make("span", "chip-mark", icon(item.ghost ? "rename" : card.k[0])));
  if (item.time) top.append(make("span", "chip-time", item.time));
  for (const mark of card.k.slice(1)) top.append(make("span", "chip-more k-" + mark, icon(mark)));
  const badges = make("span", "badges");
  for (const number of item.numbers.slice(0, 5)) badges.append(badge(facts.cards[number]));
  if (item.numbers.length > 5) badges.append(make("span", "badge", "+" + (item.numbers.length - 5)));
  top.append(badges);
  const stage = STAGES.find((mark) => card.k.includes(mark));
  const word = stage && !item.ghost ? make("b", "", facts.marks[stage] + ": ") : "";
  const said = make("span", "chip-said", word, item.ghost || card.x);
  said.dir = "auto";
  const names = item.numbers.map((number) => facts.cards[number].n).join(", ");
  const kind = item.ghost ? "ghost" : "k-" + card.k[0] + (card.k.includes("drifted") ? " drifted" : "") + (stage ? " staged" : "");
  const button = make("button", "chip " + kind, unseen(marks + ", " + names + " "), top, said);
  button.type = "button";
  button.title = `${marks}: ${card.a}` + (item.name ? ` (${item.time} ${item.name})` : "");
  button.dataset.numbers = item.numbers.join(" ");
  button.addEventListener("click", () => openSheet(item.numbers[0]));
  return button;
}

/** The chips of a day, and how many more there are. */
function stack(day, list, room) {
  const all = opened.has(day) || list.length <= room + 1;
  const box = make("div", "stack", ...(all ? list : list.slice(0, room)).map(chip));
  if (list.length > room + 1) {
    const words = all ? "Show fewer" : `+${(list.length - room).toLocaleString("en")} more`;
    const button = make("button", "more", words);
    button.type = "button";
    button.setAttribute("aria-expanded", String(all));
    button.addEventListener("click", () => {
      all ? opened.delete(day) : opened.add(day);
      draw();
      document.querySelector(`[data-day="${day}"] .more`)?.focus();
    });
    box.append(button);
  }
  return box;
}

function dayMark(day) {
  const words = state.zone === "home" && facts.shifts[iso(day)];
  if (!words) return null;
  const mark = make("span", "shift", icon("deferred"), words);
  mark.title = `${words} in ${facts.zone}`;
  return mark;
}

function cell(day, byDay, first) {
  const number = make("span", "number", String(part(day).getUTCDate()));
  const box = make("td", "cell", make("div", "date", number, dayMark(day)));
  box.dataset.day = day;
  if (month(day) !== first) box.classList.add("out");
  if (weekday(day) > 4) box.classList.add("weekend");
  if (day === today(state.zone)) {
    box.classList.add("today");
    number.append(unseen(", today"));
  }
  const list = byDay.get(day);
  if (list) box.append(stack(day, list, ROOM.month));
  return box;
}

function drawMonth(byDay) {
  const first = month(state.day);
  const next = month(state.day, 1);
  const head = make("tr", "", ...DAYS.map((name) => make("th", "", name)));
  for (const name of head.children) name.scope = "col";
  const body = make("tbody", "");
  for (let week = monday(first); week < next; week += 7) {
    const row = make("tr", "");
    for (let day = week; day < week + 7; day += 1) row.append(cell(day, byDay, first));
    body.append(row);
  }
  const caption = make("caption", "unseen", monthWords(first));
  return [make("table", "month", caption, make("thead", "", head), body), [first, next]];
}

function drawWeek(byDay) {
  const first = monday(state.day);
  const week = make("div", "week");
  for (let day = first; day < first + 7; day += 1) {
    const name = make("h3", "", make("span", "name", DAYS[weekday(day)]), " ");
    name.append(make("span", "number", String(part(day).getUTCDate())));
    const column = make("section", "column", make("div", "date", name, dayMark(day)));
    column.dataset.day = day;
    if (weekday(day) > 4) column.classList.add("weekend");
    if (day === today(state.zone)) column.classList.add("today");
    const list = byDay.get(day);
    column.append(list ? stack(day, list, ROOM.week) : make("p", "free", "–"));
    week.append(column);
  }
  return [week, [first, first + 7]];
}

function weekWords(first) {
  const [from, to] = [part(first), part(first + 6)];
  const same = from.getUTCMonth() === to.getUTCMonth();
  const begin = same ? String(from.getUTCDate()) : dayWords(first).slice(4);
  return `${begin} – ${dayWords(first + 6).slice(4)} ${to.getUTCFullYear()}`;
}

/** Where else there is something, when there is nothing here. */
function elsewhere(byDay, [from, to]) {
  const days = Array.from(byDay.keys()).filter((day) => day !== null);
  if (days.some((day) => day >= from && day < to)) return null;
  const before = days.filter((day) => day < from);
  const after = days.filter((day) => day >= to);
  const box = make("p", "nothing", isFiltered() ? "Nothing here passes the filters. " : "Nothing is due here. ");
  const jump = (day, words) => {
    const button = make("button", "quiet", words + dayWords(day, true));
    button.type = "button";
    button.addEventListener("click", () => go({ day }));
    box.append(button, " ");
  };
  if (before.length) jump(Math.max(...before), "Before: ");
  if (after.length) jump(Math.min(...after), "Next: ");
  return box;
}

function drawCalendar(numbers) {
  const byDay = chips(numbers);
  const [grid, period] = state.view === "month" ? drawMonth(byDay) : drawWeek(byDay);
  const parts = [elsewhere(byDay, period), grid].filter(Boolean);
  const waiting = byDay.get(null);
  if (waiting) {
    const heading = make("h3", "", "No time yet ", make("small", "", several(waiting.length, "post")));
    parts.push(make("section", "tray", heading, stack(null, waiting, 12)));
  }
  document.getElementById("calendar").replaceChildren(...parts);
}
