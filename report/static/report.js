// The chart of the daily totals and the table behind it. Amounts are whole cents, summed exactly as BigInt.

const DAY = 86_400_000;
const STEPS = ["day", "week", "month", "year"];
// More bars than that are hard to tell apart, so they are summed by a longer step until the reader chooses one.
const MANY_BARS = 160;
// At first no more than the newest two years are shown.
const FIRST_DAYS = 731;
const ROWS = 200;
// See the print style.
const PAPER_ROWS = 10;

const find = (id) => document.getElementById(id);
const data = JSON.parse(find("totals-data").textContent);
const specification = find("chart-specification").textContent;

const starts = data.periods.map((day) => Date.parse(`${day}T00:00:00Z`));
const cents = data.cents.map((amount) => BigInt(amount));
const steps = STEPS.slice(STEPS.indexOf(data.step));
const firstDay = starts[0];
const lastDay = following(starts.at(-1), data.step) - DAY;

const integer = new Intl.NumberFormat("en-US");
const money = (amount) => `${integer.format(amount / 100n)}.${String(amount % 100n).padStart(2, "0")}`;
const plural = (count, noun) => `${integer.format(count)} ${noun}${count === 1 ? "" : "s"}`;
const capitalized = (text) => text[0].toUpperCase() + text.slice(1);
const day = (time) => new Date(time).toISOString().slice(0, 10);

const state = {
  from: Math.max(firstDay, lastDay - (FIRST_DAYS - 1) * DAY),
  to: lastDay,
  chosen: data.companies.map(() => true),
  step: null,
  sort: "period",
  descending: true,
  rows: ROWS,
  // The row whose charges the query selects; null for all that is shown.
  row: null,
};

// The bars as they are drawn, the oldest first, and which of them is pointed at.
let bars = [];
let pointed = -1;
let view = null;

// Time

function beginning(time, step) {
  const date = new Date(time);
  if (step === "week") return time - ((Math.floor(time / DAY) + 3) % 7 + 7) % 7 * DAY;
  if (step === "month") date.setUTCDate(1);
  if (step === "year") date.setUTCMonth(0, 1);
  return date.getTime();
}

function following(time, step) {
  const date = new Date(time);
  if (step === "day") date.setUTCDate(date.getUTCDate() + 1);
  if (step === "week") date.setUTCDate(date.getUTCDate() + 7);
  if (step === "month") date.setUTCMonth(date.getUTCMonth() + 1);
  if (step === "year") date.setUTCFullYear(date.getUTCFullYear() + 1);
  return date.getTime();
}

function name(time, step) {
  return day(time).slice(0, { month: 7, year: 4 }[step] ?? 10);
}

const midnight = (time) => Math.floor(time / DAY) * DAY;

function readable(time, step) {
  return step === "week" ? `week from ${day(time)}` : name(time, step);
}

// The longest of the steps that is needed to have few bars.
function fittingStep() {
  const days = (state.to - state.from) / DAY + 1;
  return steps.find((step) => days / { day: 1, week: 7, month: 30, year: 365 }[step] <= MANY_BARS) ?? "year";
}

const currentStep = () => state.step ?? fittingStep();

// Sums

// What the chosen dates hold: a bar a period, with a sum a chosen company.
function sums(step) {
  const byStart = new Map();
  const from = beginning(state.from, data.step);
  for (let cell = 0; cell < cents.length; cell++) {
    const time = starts[data.period[cell]];
    const company = data.company[cell];
    if (time < from || time > state.to || !state.chosen[company]) continue;
    const start = beginning(time, step);
    if (!byStart.has(start)) byStart.set(start, { start, parts: new Map(), cents: 0n, count: 0 });
    const bar = byStart.get(start);
    if (!bar.parts.has(company)) bar.parts.set(company, { start, company, cents: 0n, count: 0 });
    const part = bar.parts.get(company);
    for (const sum of [bar, part]) {
      sum.cents += cents[cell];
      sum.count += data.count[cell];
    }
  }
  return [...byStart.values()].sort((one, other) => one.start - other.start);
}

const byAmount = (one, other) => (one.cents < other.cents ? 1 : one.cents > other.cents ? -1 : one.company - other.company);

const COMPARISONS = {
  period: (one, other) => one.start - other.start,
  company: (one, other) => companyName(one.company).localeCompare(companyName(other.company)),
  count: (one, other) => one.count - other.count,
  total: (one, other) => -byAmount(one, other),
};

function companyName(company) {
  const { name, key, isUnique } = data.companies[company];
  return isUnique ? name : `${name} (${key})`;
}

// Elements: what comes from the data is only ever set as text.

function element(tag, classes, ...children) {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  made.append(...children);
  return made;
}

function labelOf(company) {
  const label = element("bdi", "", companyName(company));
  label.title = companyName(company);
  return [element("span", `swatch color-${colorOf(company)}`), label];
}

// The last color is that of all others together.
function colorOf(company) {
  return company < 9 ? company : "others";
}

// Everything that depends on what is chosen

function show() {
  const step = currentStep();
  bars = sums(step);
  showControls(step);
  showCompanies();
  showTable(step);
  hideTip();
  showChart();
}

function showControls(step) {
  find("from").value = day(state.from);
  find("to").value = day(state.to);
  for (const button of find("steps").children) button.setAttribute("aria-pressed", String(button.value === step));
  for (const button of find("spans").children) {
    const [from, to] = span(Number(button.dataset.days));
    button.setAttribute("aria-pressed", String(from === state.from && to === state.to));
  }
}

function showCompanies() {
  const totals = data.companies.map(() => 0n);
  for (const bar of bars) for (const part of bar.parts.values()) totals[part.company] += part.cents;
  for (const [company, item] of [...find("company-list").children].entries()) {
    item.querySelector("input").checked = state.chosen[company];
    item.querySelector(".number").textContent = state.chosen[company] ? money(totals[company]) : "–";
  }
}

function sortedRows() {
  const compare = COMPARISONS[state.sort];
  const sign = state.descending ? -1 : 1;
  const rows = bars.flatMap((bar) => [...bar.parts.values()]);
  return rows.sort((one, other) => sign * compare(one, other) || other.start - one.start || byAmount(one, other));
}

function showTable(step) {
  const rows = sortedRows();
  const body = find("totals").tBodies[0];
  body.replaceChildren(...rows.slice(0, state.rows).map((row, place) => tableRow(row, step, place)));
  if (rows.length === 0) {
    const cell = element("td", "empty", "No company took anything in the chosen dates.");
    cell.colSpan = 4;
    body.append(element("tr", "", cell));
  }
  const left = rows.length - state.rows;
  find("more").hidden = left <= 0;
  find("more").textContent = `Show ${integer.format(Math.min(left, ROWS))} more of ${plural(left, "row")}`;
  find("save").disabled = rows.length === 0;
  find("paper-rows").hidden = rows.length <= PAPER_ROWS;
  find("period-name").textContent = step === "week" ? "Week from" : capitalized(step);
  const total = bars.reduce((sum, bar) => sum + bar.cents, 0n);
  const count = bars.reduce((sum, bar) => sum + bar.count, 0);
  find("totals-sum").textContent = `${money(total)} in ${plural(count, "transaction")}`;
  for (const heading of find("totals").tHead.rows[0].cells) {
    const sorted = heading.querySelector("button").dataset.sort === state.sort;
    if (sorted) heading.setAttribute("aria-sort", state.descending ? "descending" : "ascending");
    else heading.removeAttribute("aria-sort");
  }
  showQuery(step);
}

// Only the first button is a stop of the Tab key; the arrow keys go on from there.
function tableRow(row, step, place) {
  const button = element("button", "row-charges", name(row.start, step));
  Object.assign(button, { type: "button", tabIndex: place === 0 ? 0 : -1 });
  button.setAttribute("aria-label", `${name(row.start, step)}, ${companyName(row.company)}: query its charges`);
  button.addEventListener("click", () => chooseRow(row, button));
  return element(
    "tr",
    "",
    element("td", "time", button),
    element("td", "", ...labelOf(row.company)),
    element("td", "number minor", integer.format(row.count)),
    element("td", "number", money(row.cents)),
  );
}

// The charges behind the table, as a query

function chooseRow(row, button) {
  const isChosen = button.getAttribute("aria-pressed") === "true";
  for (const other of find("totals").querySelectorAll("[aria-pressed]")) other.removeAttribute("aria-pressed");
  if (!isChosen) button.setAttribute("aria-pressed", "true");
  state.row = isChosen ? null : row;
  showQuery(currentStep());
  find("said").textContent = `${find("query-of").textContent} ${find("query").textContent}`;
}

const literal = (text) => `'${text.replaceAll("'", "''")}'`;

function showQuery(step) {
  const { row } = state;
  const [from, to] = row === null ? wholePeriods(state.from, state.to) : periodsOf(row.start, step);
  const conditions = [
    from === to ? `transaction_date = '${day(from)}'` : `transaction_date between '${day(from)}' and '${day(to)}'`,
    ...companyCondition(row === null ? state.chosen : data.companies.map((_, company) => company === row.company)),
  ];
  const isEmpty = bars.length === 0;
  find("query-of").textContent =
    row === null ? "All charges behind this table:" : `The charges of ${readable(row.start, step)}, ${companyName(row.company)}:`;
  find("query").textContent = isEmpty ? "–" : `select * from ${data.schema}.daily_transactions where ${conditions.join(" and ")}`;
  find("copy").disabled = isEmpty;
  find("copy").textContent = "Copy query";
}

// The first and the last day of the data's own periods that begin between two days.
function wholePeriods(from, to) {
  const start = beginning(from, data.step);
  return [start, following(beginning(to, data.step), data.step) - DAY];
}

// The same of those that a bar holds: a period that began in another month belongs to that month's bar.
function periodsOf(start, step) {
  const from = Math.max(start, beginning(state.from, data.step));
  const first = beginning(from, data.step);
  return wholePeriods(first < from ? following(first, data.step) : first, Math.min(following(start, step) - DAY, state.to));
}

// The companies that are not shown one by one are all but the others.
function companyCondition(chosen) {
  const ids = (isChosen) => data.companies.filter(({ key }, company) => key !== null && chosen[company] === isChosen).map(({ key }) => literal(key));
  const areOthersChosen = data.companies.some(({ key }, company) => key === null && chosen[company]);
  const hasOthers = data.companies.some(({ key }) => key === null);
  const [listed, not] = areOthersChosen || (!hasOthers && chosen.every(Boolean)) ? [ids(false), "not "] : [ids(true), ""];
  if (not && listed.length === 0) return [];
  return [listed.length === 1 ? `company_id ${not ? "<>" : "="} ${listed[0]}` : `company_id ${not}in (${listed.join(", ")})`];
}

function copyQuery() {
  getSelection().selectAllChildren(find("query"));
  // The newer interface to the clipboard is not there for pages that are opened as files from everywhere.
  const isCopied = document.execCommand("copy");
  find("copy").textContent = isCopied ? "Copied" : "Selected";
  find("said").textContent = isCopied ? "The query is copied." : "The query is selected.";
}

// All rows of the table as a file

// A spreadsheet would run what begins like a formula; with an apostrophe before it, it is text.
const FORMULA = /^\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

function csvCell(text) {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",;\r\n\t]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function csv(step) {
  const lines = [["period", "company_name", "company_id", "transaction_count", "total_amount"]];
  for (const row of sortedRows()) {
    const company = data.companies[row.company];
    const total = `${row.cents / 100n}.${String(row.cents % 100n).padStart(2, "0")}`;
    lines.push([name(row.start, step), company.name, company.key ?? "", String(row.count), total]);
  }
  return lines.map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}

function saveCsv() {
  // With a byte order mark, without which a spreadsheet takes it for another encoding than UTF-8.
  const address = URL.createObjectURL(new Blob(["\ufeff", csv(currentStep())], { type: "text/csv" }));
  const link = element("a", "");
  Object.assign(link, { href: address, download: `daily-totals-${day(state.from)}-to-${day(state.to)}.csv` });
  link.click();
  // Not before the browser has read it.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

// The chart

// How high the chart is: as high as the highest bar, unless that would flatten all others: see report/outliers.py.
function ceiling() {
  const totals = bars.map((bar) => Number(bar.cents) / 100).sort((one, other) => one - other);
  const limit = data.outlier * (totals[totals.length >> 1] ?? 0);
  const seen = limit > 0 ? totals.filter((total) => total <= limit) : totals;
  return 1.05 * (seen.at(-1) || 1);
}

function showChart() {
  if (view === null) return;
  const step = currentStep();
  const top = ceiling();
  const cut = bars.filter((bar) => Number(bar.cents) / 100 > top);
  const colors = palette();
  for (const name of ["ink", "muted", "line"]) view.signal(name, colors[name]);
  const values = bars.flatMap((bar) => {
    const end = following(bar.start, step);
    const gap = 0.14 * (end - bar.start);
    return [...bar.parts.values()].map((part) => ({
      start: bar.start + gap / 2,
      end: end - gap / 2,
      // What is cut off anyway need not be drawn to where it ends.
      total: Math.min(Number(part.cents) / 100, 2 * top),
      company: part.company,
      color: colors[colorOf(part.company)],
    }));
  });
  const middle = (bar) => (bar.start + following(bar.start, step)) / 2;
  view
    .signal("from", beginning(state.from, step))
    .signal("to", following(beginning(state.to, step), step))
    .signal("ceiling", top)
    .data("totals", values)
    .data("cut", cut.map((bar) => ({ middle: middle(bar) })))
    .run();
  const named = cut.slice(-2).map((bar) => `${readable(bar.start, step)} (${money(bar.cents)})`);
  const unnamed = cut.length > named.length ? ` and ${cut.length - named.length} more` : "";
  find("cut").textContent = cut.length > 0 ? `▲ Too high to be drawn in full: ${named.join(", ")}${unnamed}.` : "";
}

function palette() {
  const style = getComputedStyle(document.documentElement);
  const read = (property) => style.getPropertyValue(property).trim();
  const colors = { others: read("--color-others"), ink: read("--ink"), muted: read("--muted"), line: read("--line") };
  for (let place = 0; place < 9; place++) colors[place] = read(`--color-${place}`);
  return colors;
}

async function drawChart() {
  const font = getComputedStyle(document.body).fontFamily;
  const [label, line] = [{ expr: "muted" }, { expr: "line" }];
  const axis = { labelColor: label, labelFont: font, labelFontSize: 12, labelPadding: 6 };
  const config = {
    background: "transparent",
    view: { stroke: null },
    axis: { ...axis, gridColor: line, domainColor: line, tickColor: line },
  };
  // Expressions are interpreted, since the page's policy forbids to compile them. Only errors are logged: of the chart
  // that has no data yet, Vega would warn.
  const options = { mode: "vega-lite", ast: true, renderer: "canvas", actions: false, defaultStyle: false, tooltip: false, logLevel: 1, config };
  ({ view } = await window.vegaEmbed(find("plot"), JSON.parse(specification), options));
  showChart();
}

// Where the chart's plot is in the chart's element, in pixels.
function plot() {
  const [left, top] = view.origin();
  return { left, top, width: view.signal("width"), height: view.signal("height"), scale: view.scale("x") };
}

function timeAt(event) {
  const { left, width, scale } = plot();
  const x = event.clientX - find("plot").getBoundingClientRect().left - left;
  return Number(scale.invert(Math.min(Math.max(x, 0), width)));
}

function barAt(time) {
  const step = currentStep();
  return bars.findIndex((bar) => bar.start <= time && time < following(bar.start, step));
}

function place(mark, from, to) {
  const { left, top, width, height, scale } = plot();
  const start = Math.max(scale(from), 0);
  const end = Math.min(scale(to), width);
  Object.assign(mark.style, {
    left: `${left + start}px`,
    width: `${Math.max(end - start, 1)}px`,
    top: `${top}px`,
    height: `${height}px`,
  });
  mark.hidden = false;
  return left + (start + end) / 2;
}

// What is pointed at

function showTip(index, said) {
  const bar = bars[index];
  if (bar === undefined || view === null) return hideTip();
  pointed = index;
  const step = currentStep();
  const parts = [...bar.parts.values()].sort(byAmount);
  const list = element("dl", "");
  for (const part of parts) {
    list.append(element("dt", "", ...labelOf(part.company)), element("dd", "number", money(part.cents)));
  }
  const heading = capitalized(readable(bar.start, step));
  const tip = find("tip");
  tip.replaceChildren(
    element("p", "tip-head", element("span", "", heading), element("strong", "number", money(bar.cents))),
    element("p", "tip-count", plural(bar.count, "transaction")),
    list,
  );
  const middle = place(find("pointed"), bar.start, following(bar.start, step));
  tip.hidden = false;
  const room = find("chart").clientWidth;
  const left = middle < room / 2 ? middle + 14 : middle - tip.offsetWidth - 14;
  tip.style.left = `${Math.min(Math.max(left, 0), room - tip.offsetWidth)}px`;
  if (said) {
    const companies = parts.map((part) => `${companyName(part.company)} ${money(part.cents)}`).join(", ");
    find("said").textContent = `${heading}: ${money(bar.cents)} in ${plural(bar.count, "transaction")}. ${companies}`;
  }
}

function hideTip() {
  pointed = -1;
  find("tip").hidden = true;
  find("pointed").hidden = true;
}

function watchPointer() {
  const chart = find("chart");
  const brush = find("brush");
  let anchor = null;
  let begun = 0;
  chart.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || view === null) return;
    anchor = timeAt(event);
    begun = event.clientX;
    chart.setPointerCapture(event.pointerId);
    showTip(barAt(anchor));
  });
  chart.addEventListener("pointermove", (event) => {
    if (view === null) return;
    const time = timeAt(event);
    if (anchor !== null && Math.abs(event.clientX - begun) > 8) {
      hideTip();
      place(brush, Math.min(anchor, time), Math.max(anchor, time));
    } else {
      showTip(barAt(time));
    }
  });
  chart.addEventListener("pointerup", (event) => {
    if (!brush.hidden && anchor !== null) {
      const [from, to] = [anchor, timeAt(event)].sort((one, other) => one - other);
      const step = currentStep();
      choose({ from: beginning(midnight(from), step), to: following(beginning(midnight(to), step), step) - DAY });
    }
    anchor = null;
    brush.hidden = true;
  });
  chart.addEventListener("pointercancel", () => {
    anchor = null;
    brush.hidden = true;
    hideTip();
  });
  chart.addEventListener("pointerleave", () => anchor === null && hideTip());
}

function watchKeys() {
  const chart = find("chart");
  chart.addEventListener("keydown", (event) => {
    const last = bars.length - 1;
    const next = {
      ArrowLeft: pointed < 0 ? last : Math.max(pointed - 1, 0),
      ArrowRight: pointed < 0 ? 0 : Math.min(pointed + 1, last),
      Home: 0,
      End: last,
    }[event.key];
    if (event.key === "Escape") hideTip();
    if (next === undefined) return;
    event.preventDefault();
    showTip(next, true);
  });
  chart.addEventListener("blur", hideTip);
}

// What is chosen

function choose(change) {
  Object.assign(state, change);
  state.from = Math.min(Math.max(state.from, firstDay), lastDay);
  state.to = Math.min(Math.max(state.to, state.from), lastDay);
  state.rows = ROWS;
  state.row = null;
  show();
}

// The newest so many days; 0 for all.
function span(days) {
  return [days === 0 ? firstDay : Math.max(firstDay, lastDay - (days - 1) * DAY), lastDay];
}

function watchControls() {
  const [from, to] = [find("from"), find("to")];
  for (const input of [from, to]) {
    [input.min, input.max] = [day(firstDay), day(lastDay)];
    input.addEventListener("change", () => {
      from.setCustomValidity(from.value > to.value ? "The first day is after the last." : "");
      if (!from.reportValidity() || !to.reportValidity()) return;
      choose({ from: Date.parse(`${from.value}T00:00:00Z`), to: Date.parse(`${to.value}T00:00:00Z`) });
    });
  }
  find("controls").addEventListener("submit", (event) => event.preventDefault());
  find("spans").addEventListener("click", ({ target }) => {
    if (target.dataset.days === undefined) return;
    const [first, last] = span(Number(target.dataset.days));
    choose({ from: first, to: last, step: null });
  });
  for (const button of [...find("spans").children]) {
    if (Number(button.dataset.days) * DAY > lastDay - firstDay) button.remove();
  }
  for (const step of steps) {
    const button = element("button", "", capitalized(step));
    Object.assign(button, { type: "button", value: step });
    button.addEventListener("click", () => choose({ step }));
    find("steps").append(button);
  }
  for (const company of data.companies.keys()) {
    const box = element("input", "");
    box.type = "checkbox";
    box.addEventListener("change", () => {
      state.chosen[company] = box.checked;
      choose({});
    });
    find("company-list").append(element("li", "", element("label", "", box, ...labelOf(company), element("span", "number"))));
  }
  for (const [id, chosen] of [["every", true], ["none", false]]) {
    find(id).addEventListener("click", () => choose({ chosen: data.companies.map(() => chosen) }));
  }
  find("totals").tHead.addEventListener("click", ({ target }) => {
    const sort = target.closest("button")?.dataset.sort;
    if (sort === undefined) return;
    const descending = sort === state.sort ? !state.descending : sort !== "company";
    choose({ sort, descending });
  });
  find("totals").tBodies[0].addEventListener("keydown", (event) => {
    const buttons = [...find("totals").querySelectorAll(".row-charges")];
    const place = buttons.indexOf(event.target);
    const next = { ArrowUp: place - 1, ArrowDown: place + 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (place < 0 || buttons[next] === undefined) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    buttons[next].tabIndex = 0;
    buttons[next].focus();
  });
  find("copy").addEventListener("click", copyQuery);
  find("save").addEventListener("click", saveCsv);
  find("more").addEventListener("click", () => {
    state.rows += ROWS;
    state.row = null;
    showTable(currentStep());
  });
}

watchControls();
watchPointer();
watchKeys();
show();
drawChart();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showChart);
// Paper is white, whatever the screen is.
for (const [event, isOnPaper] of [["beforeprint", true], ["afterprint", false]]) {
  addEventListener(event, () => {
    document.documentElement.classList.toggle("on-paper", isOnPaper);
    showChart();
  });
}
