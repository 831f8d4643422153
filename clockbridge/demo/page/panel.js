// Polls the demo's state once a second and sends deeds. Texts in both languages stand here, because the parts come as data.
const words = {
  zh: { running: "运行中", stopped: "已停止", "cut off": "已断网", cut: "断网", join: "恢复网络", kill: "强行结束", start: "启动", punch: "打一次卡",
    equal: "三处数目相等，一条不少。", differ: "正在传送，数目还没有相等……", asleep: "有一部分停着，暂时数不到。", gone: "演示已经结束。", yes: "相等", no: "未到齐" },
  en: { running: "running", stopped: "stopped", "cut off": "cut off", cut: "cut network", join: "join again", kill: "kill", start: "start", punch: "punch once",
    equal: "All counts are equal: nothing is missing.", differ: "On the way: the counts are not equal yet …", asleep: "A part is down and cannot be counted.", gone: "The demo has ended.", yes: "equal", no: "not yet" },
};
let language = localStorage.getItem("language") || (navigator.language.startsWith("zh") ? "zh" : "en");
let latest = null, stops = [];

const say = (key) => words[language][key] ?? key;
const element = (name, text = "", className = "") => Object.assign(document.createElement(name), { textContent: text, className });
const figure = (value) => (value === null ? "–" : value.toLocaleString("en"));

function show(state) {
  document.documentElement.lang = language;
  document.getElementById("board").href = state.board;
  const verdict = document.getElementById("verdict");
  const unknown = state.counts.some((count) => [count.held, count.appended, count.received].includes(null));
  const key = state.counts.every((count) => count.equal) ? "equal" : unknown ? "asleep" : "differ";
  if (verdict.textContent !== say(key)) verdict.textContent = say(key);
  verdict.className = key === "equal" ? "good" : "wait";
  document.getElementById("counts").replaceChildren(...state.counts.map((count) => {
    const row = element("tr");
    const name = element("td", count.name);
    name.append(" ", element("small", count.serial));
    const judged = element("td", count.equal ? "✓ " : "… ", count.equal ? "good" : "wait");
    judged.append(element("span", say(count.equal ? "yes" : "no"), "word"));
    row.append(name, element("td", count.site, "site"),
      ...[count.held, count.appended, count.received, count.quarantined].map((value) => element("td", figure(value), "number")), judged);
    return row;
  }));
  showParts(state.parts);
  document.getElementById("done").replaceChildren(...state.done.map((said) => {
    const item = element("li");
    item.append(element("time", said.at), said[language]);
    return item;
  }));
}

function showParts(parts) {
  const list = document.getElementById("parts");
  const signature = JSON.stringify([language, parts]);
  if (list.dataset.signature === signature) return; // nothing jumps, and a focused button stays focused
  list.dataset.signature = signature;
  list.replaceChildren(...parts.map((part) => {
    const item = element("li");
    const name = element("strong", part.name[language]);
    name.append(element("small", say(part.condition), part.condition === "running" ? "good" : "bad"));
    item.append(name, ...part.deeds.map((deed) => {
      const button = element("button", say(deed));
      button.type = "button";
      button.addEventListener("click", () => send(part.key, deed));
      return button;
    }));
    return item;
  }));
}

function showTour() {
  document.getElementById("tour").replaceChildren(...stops.map((stop) => {
    const item = element("li");
    const link = Object.assign(element("a", stop.title[language]), { href: stop.address, target: "_blank", rel: "noopener" });
    const told = element("span");
    told.append(link, element("small", stop.does[language]));
    item.append(element("code", stop.login), told);
    return item;
  }));
}

async function send(part, deed) {
  await fetch("/do", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ part, deed }) });
  await refresh();
}

async function refresh() {
  try {
    latest = await (await fetch("/state")).json();
    show(latest);
  } catch {
    const verdict = document.getElementById("verdict");
    verdict.textContent = say("gone");
    verdict.className = "bad";
  }
}

document.getElementById("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("language", language);
  if (latest) show(latest);
  showTour();
});
document.documentElement.lang = language;
fetch("/tour").then((answer) => answer.json()).then((found) => {
  stops = found;
  showTour();
});
refresh();
setInterval(refresh, 1000);
