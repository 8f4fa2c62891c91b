// Following a room: ask every two seconds or so whether something has changed, more rarely when nobody looks or the network is gone.
const LONGEST = 15000;
const TIME_LIMIT = 10000;
const policy = globalThis.trustedTypes?.createPolicy("room", { createHTML: (html) => html });

export const asHTML = (html) => (policy ? policy.createHTML(html) : html);

// settings: { address, rev, page }. show(content) is called with what has changed; tell(isConnected) with how it goes.
// Returns a function that asks for the room as it is now, whether or not it has changed.
export function follow({ address, rev, page }, show, tell = () => {}) {
  let wait = 2000;
  let failures = 0;
  let timer = 0;
  let isAsking = false;
  let isStale = false;

  async function ask() {
    if (isAsking) return;
    isAsking = true;
    clearTimeout(timer);
    const seen = isStale ? "" : rev;
    isStale = false;
    try {
      const query = new URLSearchParams({ rev: seen, in: page });
      const answer = await fetch(`${address}?${query}`, { cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(TIME_LIMIT) });
      if (answer.status === 404) {
        location.reload();
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      wait = Number(answer.headers.get("X-Next-Poll-Ms")) || wait;
      failures = 0;
      tell(true);
      if (answer.status !== 204) {
        const content = await answer.json();
        rev = content.rev;
        show(content);
      }
    } catch {
      isStale ||= !seen;
      failures += 1;
      tell(failures < 2);
    } finally {
      isAsking = false;
    }
    if (isStale && !failures) ask();
    else later();
  }

  function later() {
    const slower = document.visibilityState === "hidden" ? LONGEST : Math.min(wait * 2 ** Math.min(failures, 5), Math.max(LONGEST, wait));
    timer = setTimeout(ask, slower * (0.8 + 0.4 * Math.random()));
  }

  addEventListener("online", ask);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") ask(); });
  later();
  return () => { isStale = true; ask(); };
}

// Count every timer on the page down to nothing.
export function runTimers() {
  const began = performance.now();
  for (const element of document.querySelectorAll("[data-left]")) {
    const left = Number(element.dataset.left);
    const text = element.querySelector(".timer-text");
    const step = () => {
      if (!element.isConnected) return;
      const seconds = Math.max(0, Math.ceil((left - (performance.now() - began)) / 1000));
      text.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      element.classList.toggle("over", seconds === 0);
      if (seconds > 0) setTimeout(step, 250);
    };
    step();
  }
}
