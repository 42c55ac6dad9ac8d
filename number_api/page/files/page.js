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

// What the person is told, and what about: news of one request do not take away a complaint about another.
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

// Ask the service what its formula finds; the page only explains it.
async function findMissingNumber() {
  const { finding, explanation } = explain(extracted, MAX_NUMBER);
  let found = finding;
  try {
    const answer = await send("GET", "/missing");
    found = `${answer.missing_number} is missing.`;
  } catch (refusal) {
    if (refusal.status !== 409) {
      throw refusal;
    }
  }
  element("finding").textContent = found;
  element("explanation").textContent = explanation;
}

async function refresh() {
  const status = await send("GET", "/status");
  const numbers = status.extracted_numbers;
  if (extracted !== null && String(numbers) === String(extracted)) {
    return [];
  }
  const before = extracted;
  show(numbers);
  await findMissingNumber();
  return before === null ? [] : changes(before, numbers);
}

// What others did, in words.
function changes(before, after) {
  const taken = after.filter((number) => !before.includes(number));
  if (before.some((number) => !after.includes(number))) {
    return ["Someone has put the numbers back."];
  }
  return [`Someone has taken ${taken.join(", ")} out.`];
}

async function poll() {
  clearTimeout(pollTimer);
  if (document.hidden) {
    return;
  }
  let wait = 0;
  try {
    const news = await refresh();
    failures = 0;
    if (news.length) {
      say(news[0]);
    } else if (element("message").dataset.kind === "outage") {
      say("");
    }
    wait = pollInterval();
  } catch (refusal) {
    failures += 1;
    wait = Math.max(refusal.retryAfter, Math.min(1000 * 2 ** failures, LONGEST_WAIT));
    complain(refusal, wait);
    if (refusal.status === 401 || refusal.status === 403) {
      return;
    }
  }
  pollTimer = setTimeout(poll, wait);
}

// Do what was clicked, then look at the numbers at once.
async function act(button, work) {
  button.setAttribute("aria-busy", "true");
  try {
    say(await work());
    await refresh();
  } catch (refusal) {
    complain(refusal, refusal.retryAfter);
    if (refusal.status === 409) {
      await refresh().catch(() => {});
    }
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function complain(refusal, wait) {
  const seconds = Math.ceil(wait / 1000);
  if (refusal.status === 401) {
    const wasTried = getKey() !== null;
    forgetKey();
    showKeyForm();
    say(wasTried ? "The service does not know this API key." : "The service asks for an API key.", "refusal");
    element("key").focus();
  } else if (refusal.status === 403) {
    say(`${refusal.message}. Another key may.`, "refusal");
  } else if (refusal.status === 409) {
    say(`${refusal.message}.`, "refusal");
  } else if (refusal.status === 429) {
    say(`Too many requests from here. The next may be sent in ${seconds} s.`, "outage");
  } else if (refusal.status === 503) {
    say(`The store of the numbers does not answer. Trying again in ${seconds} s …`, "outage");
  } else if (refusal.status === 0) {
    say(`The service cannot be reached. Trying again in ${seconds} s …`, "outage");
  } else {
    say(`The service made a mistake. It was request ${refusal.requestId}.`, "refusal");
  }
}

function showKeyForm() {
  element("key-form").hidden = getKey() !== null;
  element("forget-key").hidden = getKey() === null;
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
    act(event.target, async () => {
      const answer = await extract(index + 1);
      return `${answer.extracted_number} is out; ${answer.remaining_count} are left.`;
    });
  }
});
element("reset").addEventListener("click", (event) => {
  act(event.target, async () => `${(await send("POST", "/reset")).message}.`);
});
element("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  setKey(element("key").value.trim());
  element("key").value = "";
  showKeyForm();
  say("");
  poll();
});
element("forget-key").addEventListener("click", () => {
  forgetKey();
  showKeyForm();
  poll();
});
document.addEventListener("visibilitychange", poll);

showKeyForm();
element("key-form").hidden = true;
poll();
