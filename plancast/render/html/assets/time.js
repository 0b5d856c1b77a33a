// Days and times, counted: a day is a number since 1970, as the clock of some zone shows it.
// The offsets come with the entries, so no table of zones is asked.

const facts = JSON.parse(document.getElementById("facts").textContent);
const DAY = 86400;
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS = [
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December",
];
const ZONES = [
  { id: "home", words: facts.zone },
  { id: "own", words: "each post’s own zone" },
  { id: "utc", words: "UTC" },
  { id: "here", words: "the zone of this computer" },
];

const two = (number) => String(number).padStart(2, "0");
const part = (day) => new Date(day * DAY * 1000);

/** [minutes east of UTC, name] of this computer's clock at a moment. */
function here(moment) {
  const minutes = -new Date(moment * 1000).getTimezoneOffset();
  const size = Math.abs(minutes);
  const rest = size % 60 ? ":" + two(size % 60) : "";
  return [minutes, "UTC" + (minutes < 0 ? "−" : "+") + Math.floor(size / 60) + rest];
}

/** What a clock of the chosen zone shows; `own` and `home` are the readings that came along. */
function clock(moment, own, home, zone) {
  const readings = { own, home, utc: [0, "UTC"] };
  const [minutes, name] = readings[zone] || here(moment);
  const shown = moment + minutes * 60;
  const day = Math.floor(shown / DAY);
  const left = Math.floor((shown - day * DAY) / 60);
  return { day, name, time: two(Math.floor(left / 60)) + ":" + two(left % 60) };
}

/** The day that it is now. */
function today(zone) {
  return clock(facts.now, facts.here, facts.here, zone).day;
}

const weekday = (day) => (((day + 3) % 7) + 7) % 7; // 1970 began on a Thursday; 0 is Monday
const monday = (day) => day - weekday(day);

function iso(day) {
  return part(day).toISOString().slice(0, -14);
}

function fromIso(text) {
  const moment = Date.parse((text || "") + "T00:00:00Z");
  return Number.isNaN(moment) ? null : Math.floor(moment / DAY / 1000);
}

/** The first day of the month that is so many months away. */
function month(day, away = 0) {
  const found = part(day);
  found.setUTCDate(1);
  found.setUTCMonth(found.getUTCMonth() + away);
  return Math.round(found.getTime() / DAY / 1000);
}

const monthWords = (day) => MONTHS[part(day).getUTCMonth()] + " " + part(day).getUTCFullYear();

function dayWords(day, long = false) {
  const found = part(day);
  const name = MONTHS[found.getUTCMonth()];
  const words = `${DAYS[weekday(day)]} ${found.getUTCDate()} ${long ? name : name.slice(0, 3)}`;
  return long ? `${words} ${found.getUTCFullYear()}` : words;
}

function distanceWords(day, zone) {
  const gap = day - today(zone);
  if (gap === 0) return "today";
  if (Math.abs(gap) === 1) return gap > 0 ? "tomorrow" : "yesterday";
  return gap > 0 ? `in ${gap} days` : `${-gap} days ago`;
}
