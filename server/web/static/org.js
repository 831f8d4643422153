// The org chart: a tree of which each level is fetched when somebody opens it. The table below says the same without it.
const box = document.getElementById("org");
const MOST = 20; // boxes of a level that can be told apart; the table has more
const AT_FIRST = 12, OPENED = 5; // so many lines and opened boxes to begin with; on a phone there is room for one level more
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const fetchLevel = async (key) => {
  const asked = new URLSearchParams({ by: box.dataset.by, day: box.dataset.day, below: key ?? "" });
  const answer = await fetch(`/api/v1/org?${asked}`);
  if (!answer.ok) throw new Error(String(answer.status));
  const { nodes, more } = await answer.json();
  const left = more + Math.max(0, nodes.length - MOST);
  const boxes = nodes.slice(0, MOST).map((one) => ({
    name: one.name, note: one.note, key: one.key, people: one.people, waiting: one.below > 0, collapsed: true,
    itemStyle: { color: one.below > 0 ? colour("--cb-accent") : colour("--cb-paper") },
  }));
  return left ? [...boxes, { name: box.dataset.more, note: String(left), people: 0, waiting: false }] : boxes;
};

const label = ({ data }) => {
  const count = data.people ? ` {n|${data.people.toLocaleString("en-US")}}` : "";
  return data.note ? `{name|${data.name}}${count}\n{note|${data.note}}` : `{name|${data.name}}${count}`;
};

const draw = (chart, root) => {
  const ink = colour("--cb-ink");
  chart.setOption({
    animationDuration: 200,
    animationDurationUpdate: 200,
    series: [{
      type: "tree", data: [root], roam: "move", orient: "LR", initialTreeDepth: -1, expandAndCollapse: false, symbol: "circle", symbolSize: 9,
      left: 24, right: box.clientWidth < 600 ? 170 : 240, top: 28, bottom: 16,
      itemStyle: { borderColor: colour("--cb-accent"), borderWidth: 1.5 },
      lineStyle: { color: colour("--cb-line"), width: 1.2 },
      label: {
        position: "right", distance: 8, align: "left", verticalAlign: "middle", formatter: label, color: ink,
        rich: { name: { fontSize: 13, fontWeight: 600, color: ink }, n: { fontSize: 12, color: colour("--cb-soft") }, note: { fontSize: 11, color: colour("--cb-soft"), padding: [2, 0, 0, 0] } },
      },
    }],
  }, { replaceMerge: ["series"] });
};

// As high as its rows need, so that no two labels lie on each other.
const leaves = (one) => (one.children?.length ? one.children.reduce((sum, child) => sum + leaves(child), 0) : 1);
const fit = (chart, root) => {
  box.style.height = `${Math.min(4000, Math.max(320, leaves(root) * 36 + 40))}px`;
  chart.resize();
};

// Below the top as much as can be seen at a glance.
const openAtFirst = async (root) => {
  const waiting = [...root.children];
  const most = box.clientWidth < 600 ? 1 : OPENED;
  for (let opened = 0; waiting.length && opened < most && leaves(root) < AT_FIRST; ) {
    const one = waiting.shift();
    if (!one.waiting) continue;
    Object.assign(one, { children: await fetchLevel(one.key), waiting: false, collapsed: false, itemStyle: { color: colour("--cb-paper") } });
    waiting.push(...one.children);
    opened += 1;
  }
};

const begin = async () => {
  const chart = globalThis.echarts.init(box, null, { renderer: "canvas" });
  const root = { name: box.dataset.company, note: "", people: 0, children: await fetchLevel(null), label: { position: "top", align: "left", offset: [-8, 0] }, itemStyle: { color: colour("--cb-accent") } };
  await openAtFirst(root);
  const show = () => { fit(chart, root); draw(chart, root); };
  const find = (one, key) => (one.key === key ? one : (one.children ?? []).map((child) => find(child, key)).find(Boolean));
  chart.on("click", async ({ data }) => {
    const one = data?.key === undefined ? null : find(root, data.key);
    if (!one || !(one.waiting || one.children)) return;
    if (one.children) [one.children, one.kept] = [undefined, one.children];
    else one.children = one.kept ?? (await fetchLevel(one.key));
    one.waiting = one.collapsed = !one.children;
    one.itemStyle = { color: one.children ? colour("--cb-paper") : colour("--cb-accent") };
    show();
  });
  addEventListener("resize", () => chart.resize());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  show();
  box.dataset.drawn = "yes";
};

if (box) begin().catch(() => box.closest(".cb-org-box")?.remove());
