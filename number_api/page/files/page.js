// The page: shows the numbers that the API tells of, and asks the API for what is clicked.

import { extract, forgetKey, getKey, pollInterval, send, setKey } from "./client.js";
import { explain, sum } from "./explanation.js";

const COLUMNS = 10;
const MAX_NUMBER = 100;
const LONGEST_WAIT = 30_000;

const element = (id) => document.getElementById(id);
const format = (number) => number.toLocaleString("en");

// The numbers that are out, ascending; null until the service has told.
let extracted = null;
// Counts looks and clicks: what an earlier one is answered is out of date once a later one has begun.
let latest = 0;
let pollTimer;
let failures = 0;

const buttons = Array.from({ length: MAX_NUMBER }, (_, index) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = index + 1;
  button.tabIndex = index === 0 ? 0 : -1;
  button.setAttribute("aria-pressed", "false");
  return button;
});

// Tell the person something; an outage is taken back when it is over, the rest stays until there is more to tell.
function say(text, kind = "news") {
  const message = element("message");
  message.textContent = text;
  message.dataset.kind = text ? kind : "";
}

function show(numbers) {
  extracted = numbers;
  const out = new Set(numbers);
  const isOne = numbers.length === 1;
  for (const [index, button] of buttons.entries()) {
    const isOut = out.has(index + 1);
    button.setAttribute("aria-pressed", String(isOut));
    button.setAttribute("aria-label", isOut ? `${index + 1}, out` : `${index + 1}`);
    button.classList.toggle("found", isOut && isOne);
  }
  const remaining = MAX_NUMBER - numbers.length;
  const whole = (MAX_NUMBER * (MAX_NUMBER + 1)) / 2;
  element("counts").textContent = `${remaining} left, ${numbers.length} out`;
  element("whole").textContent = format(whole);
  element("remaining-count").textContent = remaining;
  element("remaining-sum").textContent = `− ${format(whole - sum(numbers))}`;
  element("difference").textContent = format(sum(numbers));
  element("difference").dataset.found = isOne;
  element("reset").disabled = numbers.length === 0;
  document.body.dataset.state = "known";
}

// Look at the numbers, and return what has changed, in words.
async function look() {
  clearTimeout(pollTimer);
  latest += 1;
  const mine = latest;
  const { extracted_numbers: numbers } = await send("GET", "/status");
  const before = extracted;
  if (mine !== latest || String(numbers) === String(before)) {
    return "";
  }
  // Asked before anything is shown: if it fails, the page goes on to show what it knew, and asks for both again.
  const isAgreed = numbers.length !== 1 || (await finds(numbers[0]));
  if (mine !== latest) {
    return "";
  }
  if (!isAgreed) {
    return look();
  }
  show(numbers);
  const { finding, explanation } = explain(numbers, MAX_NUMBER);
  element("finding").textContent = finding;
  element("explanation").textContent = explanation;
  return before === null ? "" : change(before, numbers);
}

// Whether the service finds the same number missing; if not, someone has been quicker.
async function finds(number) {
  try {
    return (await send("GET", "/missing")).missing_number === number;
  } catch (refusal) {
    if (refusal.status === 409) {
      return false;
    }
    throw refusal;
  }
}

function change(before, after) {
  const taken = after.filter((number) => !before.includes(number));
  if (before.some((number) => !after.includes(number))) {
    return "Someone has put the numbers back.";
  }
  return `Someone has taken ${taken.join(", ")} out.`;
}

function pollIn(wait) {
  clearTimeout(pollTimer);
  pollTimer = setTimeout(poll, wait);
}

// Look again and again, unless nobody sees the page.
async function poll() {
  if (document.hidden) {
    clearTimeout(pollTimer);
    return;
  }
  try {
    const news = await look();
    failures = 0;
    if (news || element("message").dataset.kind === "outage") {
      say(news);
    }
    pollIn(pollInterval());
  } catch (refusal) {
    failures += 1;
    const wait = Math.max(refusal.retryAfter, Math.min(1000 * 2 ** failures, LONGEST_WAIT));
    complain(refusal, `Trying again in ${Math.ceil(wait / 1000)} s …`);
    if (!refusal.isAboutKey) {
      pollIn(wait);
    }
  }
}

// Do what was clicked and look at the numbers at once. What is said then is what is seen already.
async function act(button, work) {
  latest += 1;
  button.setAttribute("aria-busy", "true");
  try {
    const message = await work();
    await look();
    say(...message);
    pollIn(pollInterval());
  } catch (refusal) {
    const wait = Math.max(refusal.retryAfter, pollInterval());
    complain(refusal, `Refreshing in ${Math.ceil(wait / 1000)} s …`);
    if (!refusal.isAboutKey) {
      pollIn(wait);
    }
  } finally {
    button.removeAttribute("aria-busy");
  }
}

async function take(number) {
  try {
    const answer = await extract(number);
    return [`${answer.extracted_number} is out; ${answer.remaining_count} are left.`];
  } catch (refusal) {
    if (refusal.type === "number-already-extracted") {
      return [`${number} is already out.`, "refusal"];
    }
    throw refusal;
  }
}

async function putAllBack() {
  return [`${(await send("POST", "/reset")).message}.`];
}

function complain(refusal, next) {
  if (extracted === null) {
    element("finding").textContent = "Not available yet.";
  }
  if (refusal.status === 401) {
    const isUnknown = getKey() !== null;
    forgetKey();
    askForKey(true);
    say(isUnknown ? "This API key is not valid." : "An API key is required.", "refusal");
  } else if (refusal.status === 403) {
    say(`${refusal.message}; another key may work.`, "refusal");
  } else if (refusal.status === 429) {
    say(`Too many requests. Trying again in ${refusal.retryAfter / 1000} s …`, "outage");
  } else if (refusal.status === 503) {
    say(`The number store does not respond. ${next}`, "outage");
  } else if (refusal.status === 0) {
    say(`The service cannot be reached. ${next}`, "outage");
  } else {
    say(`The service failed; its log names the request ${refusal.requestId}.`, "refusal");
  }
}

function askForKey(isNeeded) {
  element("key-form").hidden = !isNeeded;
  element("forget-key").hidden = getKey() === null;
  if (isNeeded) {
    element("key").focus();
  }
}

// One number is in the order of the Tab key; the arrow keys move on from it.
function moveTo(index) {
  buttons.find((button) => button.tabIndex === 0).tabIndex = -1;
  buttons[index].tabIndex = 0;
  buttons[index].focus();
}

function onKey(event) {
  const index = buttons.indexOf(event.target);
  const row = index - (index % COLUMNS);
  const target = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index - COLUMNS,
    ArrowDown: index + COLUMNS,
    Home: event.ctrlKey ? 0 : row,
    End: event.ctrlKey ? MAX_NUMBER - 1 : row + COLUMNS - 1,
  }[event.key];
  if (index >= 0 && target !== undefined) {
    event.preventDefault();
    if (target >= 0 && target < MAX_NUMBER) {
      moveTo(target);
    }
  }
}

element("grid").append(...buttons);
element("grid").addEventListener("keydown", onKey);
element("grid").addEventListener("click", (event) => {
  const index = buttons.indexOf(event.target);
  if (index >= 0) {
    moveTo(index);
    act(event.target, () => take(index + 1));
  }
});
element("reset").addEventListener("click", (event) => act(event.target, putAllBack));
element("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  setKey(element("key").value.trim());
  element("key").value = "";
  askForKey(false);
  say("");
  poll();
});
element("forget-key").addEventListener("click", () => {
  forgetKey();
  askForKey(false);
  poll();
});
document.addEventListener("visibilitychange", poll);

askForKey(false);
poll();
