// The list, and the sheet that shows one post. Both show the cards that stand in the page.

let listed = "home"; // the zone by whose days the list is grouped

function rowTime(card) {
  return card.t === undefined ? "–" : clock(card.t, card.o, card.h, state.zone).time;
}

/** Put the list into the days of the chosen zone, which are not those that it was written in. */
function regroup() {
  if (listed === state.zone) return;
  const days = new Map();
  facts.cards.forEach((card, number) => {
    const day = card.t === undefined ? null : clock(card.t, card.o, card.h, state.zone).day;
    days.set(day, [...(days.get(day) || []), number]);
    articleOf(number).querySelector(".row-time").textContent = rowTime(card);
  });
  const order = Array.from(days.keys()).sort((one, other) => (one ?? 1e9) - (other ?? 1e9));
  const sections = order.map((day) => {
    const words = day === null ? ["No time yet"] : [dayWords(day, true) + " ", make("small", "", distanceWords(day, state.zone))];
    const section = make("section", "day", make("h2", "day-title", ...words));
    section.append(...days.get(day).map(articleOf));
    return section;
  });
  document.getElementById("posts").replaceChildren(...sections);
  listed = state.zone;
}

function drawList(numbers) {
  const posts = document.getElementById("posts");
  if (!facts.cards.length || document.readyState === "loading") return;
  regroup();
  const wanted = new Set(numbers);
  facts.cards.forEach((_card, number) => {
    articleOf(number).hidden = !wanted.has(number);
  });
  for (const day of posts.querySelectorAll(".day")) {
    day.hidden = !day.querySelector(".post:not([hidden])");
  }
  posts.querySelector(".nothing")?.remove();
  if (!numbers.length) posts.append(make("p", "nothing", "Nothing passes the filters."));
}

/** The day sections that are shown, with the number of their first post. */
function listedDays() {
  return Array.from(document.querySelectorAll("#posts .day:not([hidden])"), (section) => {
    const first = section.querySelector(".post:not([hidden])");
    const card = facts.cards[first.id.slice(1)];
    const day = card.t === undefined ? Infinity : clock(card.t, card.o, card.h, state.zone).day;
    return { section, day };
  });
}

function scrollToDay(day) {
  const days = listedDays();
  const target = days.find((item) => item.day >= day) || days[days.length - 1];
  target?.section.scrollIntoView({ block: "start" });
  return target;
}

const sheet = document.getElementById("sheet");
let current = null; // the number of the card that is shown or was looked at last

function fillSheet(number) {
  const article = articleOf(number);
  if (!article) return false;
  const card = facts.cards[number];
  document.getElementById("sheet-title").textContent = card.a;
  document.getElementById("sheet-body").replaceChildren(article.querySelector(".card").cloneNode(true));
  const order = shown();
  const place = order.indexOf(number);
  document.getElementById("sheet-count").textContent =
    place < 0 ? "" : `${(place + 1).toLocaleString("en")} of ${order.length.toLocaleString("en")}`;
  fillSiblings(card, number);
  current = number;
  return true;
}

/** The same post on its other profiles. */
function fillSiblings(card, number) {
  const box = document.getElementById("siblings");
  const others = [];
  if (card.i) facts.cards.forEach((other, index) => other.i === card.i && others.push(index));
  const buttons = others.map((index) => {
    const other = facts.cards[index];
    const button = make("button", "sibling", badge(other), other.p);
    button.type = "button";
    button.setAttribute("aria-pressed", String(index === number));
    button.addEventListener("click", () => openSheet(index));
    return button;
  });
  box.replaceChildren(...(buttons.length > 1 ? buttons : []));
}

function openSheet(number) {
  if (document.readyState === "loading") {
    addEventListener("DOMContentLoaded", () => openSheet(number), { once: true });
    return;
  }
  if (!fillSheet(number)) return;
  if (!sheet.open) sheet.showModal();
  sheet.scrollTop = 0;
  state.post = facts.cards[number].a;
  writeAddress();
}

/** To the next or the previous post that is shown; in the sheet, or from chip to chip. */
function step(by) {
  const order = shown();
  if (!order.length) return;
  const place = order.indexOf(current);
  const start = order.findIndex((number) => {
    const card = facts.cards[number];
    return card.t !== undefined && clock(card.t, card.o, card.h, state.zone).day >= periodStart();
  });
  const next = place < 0 ? Math.max(0, start) : Math.min(order.length - 1, Math.max(0, place + by));
  current = order[next];
  if (sheet.open) openSheet(current);
  else lookAt(current);
}

function lookAt(number) {
  const card = facts.cards[number];
  if (state.view === "list") {
    const row = articleOf(number).querySelector("summary");
    row.focus();
    row.scrollIntoView({ block: "nearest" });
    return;
  }
  const day = card.t === undefined ? null : clock(card.t, card.o, card.h, state.zone).day;
  if (day !== null) state.day = day;
  const find = () => document.querySelector(`.chip[data-numbers~="${number}"]:not(.ghost)`);
  draw();
  if (!find()) {
    opened.add(day);
    draw();
  }
  find()?.focus();
}

let asked = false; // whether the reader asked for the pictures
function loadPictures() {
  if (asked) return;
  asked = true;
  for (const figure of document.querySelectorAll(".picture[data-fetch]")) {
    const picture = document.createElement("img");
    picture.loading = "lazy";
    picture.referrerPolicy = "no-referrer";
    picture.alt = figure.dataset.alt;
    picture.addEventListener("error", () => picture.remove());
    picture.src = figure.dataset.fetch;
    figure.querySelector(".frame").append(picture);
  }
  const button = document.getElementById("pictures");
  button.disabled = true;
  button.lastElementChild.textContent = "Images loaded";
}
