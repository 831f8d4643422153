// How far a terminal's clock was off, as a line; where it was set, a mark. The table below says the same.
const box = document.getElementById("drift");
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const onItsClock = new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: box.dataset.zone, dateStyle: "short", timeStyle: "short" });

const draw = (chart, points) => {
  const soft = { color: colour("--cb-soft") }, line = { lineStyle: { color: colour("--cb-line") } };
  chart.setOption({
    animation: false,
    grid: { left: 56, right: 24, top: 28, bottom: 32 },
    tooltip: { trigger: "axis", backgroundColor: colour("--cb-paper"), borderColor: colour("--cb-line"), textStyle: { color: colour("--cb-ink") }, formatter: ([one]) => `${onItsClock.format(one.value[0])}<br>${one.value[1].toFixed(1)} ${box.dataset.unit}` },
    xAxis: { type: "time", axisLabel: { ...soft, hideOverlap: true }, axisLine: line },
    yAxis: { type: "value", name: box.dataset.unit, nameTextStyle: soft, axisLabel: soft, splitLine: line },
    series: [{
      type: "line", step: "end", showSymbol: points.length < 60, symbolSize: 5, data: points.map(([at, seconds]) => [at, seconds]),
      lineStyle: { color: colour("--cb-accent"), width: 1.5 }, itemStyle: { color: colour("--cb-accent") },
      markLine: { symbol: "none", label: { formatter: box.dataset.set, color: colour("--cb-ok") }, lineStyle: { color: colour("--cb-ok") }, data: points.filter((one) => one[2]).slice(-20).map(([at]) => ({ xAxis: at })) },
    }],
  });
};

const begin = () => {
  const chart = globalThis.echarts.init(box, null, { renderer: "canvas" });
  const show = () => draw(chart, JSON.parse(box.dataset.points));
  addEventListener("resize", () => chart.resize());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  show();
  box.dataset.drawn = "yes";
};

begin();
