// The API as this page uses it: requests, what became of them, and how often the page may ask.

// The key of the API, if one is needed, for as long as the tab is open.
const KEY = "number-api-key";

export const getKey = () => sessionStorage.getItem(KEY);
export const setKey = (key) => sessionStorage.setItem(KEY, key);
export const forgetKey = () => sessionStorage.removeItem(KEY);

// Milliseconds between two looks at the numbers: soon enough to see what others do, unless the service allows less.
const INTERVAL = 1500;
let interval = INTERVAL;

export const pollInterval = () => interval;

// A refusal, or no answer at all (status 0). `type` is the stable name of the problem, `retryAfter` in milliseconds.
export class Refusal extends Error {
  constructor(status, problem, retryAfter, requestId) {
    super(problem.detail ?? "");
    this.status = status;
    this.type = (problem.type ?? "").replace("urn:number-api:problem:", "");
    this.retryAfter = retryAfter;
    this.requestId = requestId;
  }

  // Whether the same request may succeed in a moment: the answer was lost, or the store is away.
  get isPassing() {
    return this.status === 0 || this.status === 503;
  }

  // Whether no request succeeds until another key is given.
  get isAboutKey() {
    return this.status === 401 || this.status === 403;
  }
}

export async function send(method, path, headers = {}) {
  const key = getKey();
  if (key) {
    headers = { ...headers, Authorization: `Bearer ${key}` };
  }
  let answer;
  try {
    answer = await fetch(path, { method, headers, credentials: "omit", cache: "no-store" });
  } catch {
    throw new Refusal(0, {}, 0, null);
  }
  keepWithinShare(answer.headers.get("RateLimit-Policy"));
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const seconds = Number(answer.headers.get("Retry-After")) || 0;
    throw new Refusal(answer.status, body, seconds * 1000, answer.headers.get("X-Request-ID"));
  }
  return body;
}

// Extract a number. All tries have one Idempotency-Key, so that a lost answer does not look like a conflict.
export async function extract(number) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const headers = { "Idempotency-Key": Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("") };
  for (let triesLeft = 2; ; triesLeft -= 1) {
    try {
      return await send("POST", `/extract/${number}`, headers);
    } catch (refusal) {
      if (!refusal.isPassing || !triesLeft) {
        throw refusal;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(refusal.retryAfter, 500)));
    }
  }
}

// Looking takes at most half of what the client may send, so that the other half is for clicks.
function keepWithinShare(policy) {
  const [, quota, window] = /q=(\d+);w=(\d+)/.exec(policy ?? "") ?? [];
  interval = quota ? Math.max(INTERVAL, (2 * window * 1000) / quota) : INTERVAL;
}
