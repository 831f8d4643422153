// Texts of the page in the reader's language: the template has them, so that they stand in the same catalogue as all others.
const texts = new Map([...document.getElementById("roster-words").content.children].map((one) => [one.dataset.word, one.textContent]));
const language = document.documentElement.lang;
const longDay = new Intl.DateTimeFormat(language, { month: "long", day: "numeric", weekday: "short", timeZone: "UTC" });
const weekday = new Intl.DateTimeFormat(language, { weekday: language.startsWith("zh") ? "narrow" : "short", timeZone: "UTC" });

// "{n}" is the fact, "{n:edit is|edits are}" the first words where n is 1, else the second; as the server fills its texts.
export function say(name, facts = {}) {
  const text = (texts.get(name) ?? name).replace(/\{(\w+):([^{}|]*)\|([^{}|]*)\}/g, (_, fact, one, many) => (facts[fact] === 1 ? one : many));
  return text.replace(/\{(\w+)\}/g, (_, fact) => facts[fact]);
}

const days = new Map(); // a sentence for each of 15,000 cells asks for the same thirty

export function sayDay(date) {
  if (!days.has(date)) days.set(date, longDay.format(new Date(date)));
  return days.get(date);
}

export function sayWeekday(date) {
  return weekday.format(new Date(date));
}

export function sayMinutes(minutes) {
  return (minutes / 60).toFixed(minutes % 60 ? 1 : 0);
}
