// Answers on their way to the server. What was entered is kept on this device until the server has acknowledged it; every edit
// carries a key, so that one sent twice counts once, and the edit or version it is based on, so that nothing is overwritten unseen.
//
// A record per item: { edits: [{ key, base, after, patch, tried }], draft, seen, conflict, problem, done, page }
//   base: version the edit is based on; null while it waits for the edit whose key is `after`
//   draft: entries that are no answer yet, such as a note without a level; seen: the version they were made on
//   done: the edit acknowledged last and its version, for the other windows of this browser
//   page: where the item stands, without the private link; a shared computer must not give it away
//   conflict: what stands on the server, when somebody else was faster; problem: why the server refused the first edit
const WAITS = [1, 2, 4, 8, 15];
const TIME_LIMIT = 20000;

export function openOutbox(settings) {
  const prefix = `kam-answers:${settings.queue}:`;
  const shelf = openShelf();
  const place = location.pathname.split("/").slice(3).join("/");
  const watchers = [];
  let csrf = settings.csrf;
  let running = false;
  let again = false;
  let failures = 0;
  let trouble = "";
  let timer = 0;
  let sending = "";

  const read = (item) => ({ edits: [], ...JSON.parse(shelf.getItem(prefix + item) ?? "{}") });

  function write(item, record) {
    const isEmpty = !record.edits.length && !record.draft && !record.conflict && !record.done;
    if (isEmpty) shelf.removeItem(prefix + item);
    else shelf.setItem(prefix + item, JSON.stringify(record));
  }

  function items() {
    const names = [];
    for (let place = 0; place < shelf.length; place += 1) {
      const name = shelf.key(place);
      if (name.startsWith(prefix)) names.push(name.slice(prefix.length));
    }
    return names.sort();
  }

  const notify = (item, event) => watchers.forEach((watch) => watch(item, event));
  const isBlocked = (record) => Boolean(record.conflict || record.problem);
  const nextItem = () => items().find((item) => { const record = read(item); return record.edits.length && !isBlocked(record); });

  // What an edit is based on: another that waits still, or the version that the page shows.
  function basis(record, seen) {
    if (record.edits.some((edit) => edit.key === seen.after)) return { after: seen.after };
    if (record.done && record.done.key === seen.after) return { base: record.done.version };
    return { base: seen.base ?? 0 };
  }

  function add(item, patch, seen) {
    const record = read(item);
    const last = record.edits.at(-1);
    delete record.draft;
    if (last && last.key === seen.after && !last.tried && isText(last.patch) && isText(patch)) Object.assign(last.patch, patch);
    else record.edits.push({ key: newKey(), patch, ...basis(record, seen) });
    write(item, { ...record, page: place });
    notify(item, { kind: "added" });
    run();
    return record.edits.at(-1).key;
  }

  // Put one edit with everything in place of those that wait: after a refusal, or when the person decided to keep it.
  function replace(item, patch, base) {
    const key = newKey();
    write(item, { edits: [{ key, patch, base }], page: place });
    notify(item, { kind: "added" });
    run();
    return key;
  }

  function keepDraft(item, draft, seen) {
    const record = read(item);
    write(item, { ...record, draft, seen, page: place });
    notify(item, { kind: "draft" });
  }

  function drop(item) {
    shelf.removeItem(prefix + item);
    notify(item, { kind: "dropped" });
  }

  async function run() {
    if (running) { again = true; return; }
    running = true;
    clearTimeout(timer);
    try {
      do {
        again = false;
        // One sender at a time among the windows of this browser, where it has locks; without, the keys make it harmless.
        if (navigator.locks) await navigator.locks.request(prefix, sendAll);
        else await sendAll();
      } while (again && !trouble);
    } finally {
      running = false;
    }
    notify("", { kind: "idle" });
  }

  async function sendAll() {
    for (let item = nextItem(); item; item = nextItem()) {
      sending = item;
      notify(item, { kind: "sending" });
      const later = await sendFirst(item);
      sending = "";
      if (later) { retry(later); return; }
      failures = 0;
      trouble = "";
    }
    trouble = "";
  }

  function retry({ reason, seconds = 0 }) {
    trouble = reason;
    const wait = Math.max(WAITS[Math.min(failures, WAITS.length - 1)], Math.min(seconds, 60));
    failures += 1;
    timer = setTimeout(run, wait * 1000 * (0.8 + 0.4 * Math.random()));
    notify("", { kind: "trouble" });
  }

  // Send the first edit of an item; returns nothing when it is settled, else why it is to be tried later.
  async function sendFirst(item, isSecondTry = false) {
    const record = read(item);
    const edit = record.edits[0];
    if (!edit.tried) {
      edit.tried = true;
      write(item, record);
    }
    let response;
    let content = {};
    try {
      response = await post(item, edit, AbortSignal.timeout(TIME_LIMIT));
      content = await response.json();
    } catch {
      return { reason: response && !response.ok ? "waiting" : "offline" };
    }
    if (response.ok) return settle(item, edit.key, (kept) => acknowledged(item, kept, edit, content));
    if (response.status === 400 && content.csrf_token && !isSecondTry) {
      csrf = content.csrf_token;
      return sendFirst(item, true);
    }
    if (response.status === 409 && "version" in content) {
      return settle(item, edit.key, (kept) => { kept.conflict = { version: content.version, answer: content.answer, shown: content.shown }; }, "conflict");
    }
    if ([400, 403, 404, 413, 415, 422].includes(response.status)) {
      const messages = content.problems?.map((problem) => problem.message) ?? [content.message];
      return settle(item, edit.key, (kept) => { kept.problem = { status: response.status, messages }; }, "problem");
    }
    return { reason: "waiting", seconds: Number(response.headers.get("Retry-After")) || 0 };
  }

  function acknowledged(item, kept, edit, content) {
    kept.edits.shift();
    for (const next of kept.edits) {
      if (next.after !== edit.key) continue;
      next.base = content.version;
      delete next.after;
    }
    kept.done = { key: edit.key, version: content.version, shown: content.shown };
    write(item, kept);
    notify(item, { kind: "saved", key: edit.key, version: content.version, shown: content.shown, answer: content.answer });
  }

  // Another window may have settled the same edit, or this page may have added more, while the answer was on its way.
  function settle(item, key, change, kind = "") {
    const kept = read(item);
    if (kept.edits[0]?.key === key) {
      change(kept);
      write(item, kept);
    }
    notify(item, { kind: kind || "settled" });
    return null;
  }

  const post = (item, edit, signal) => fetch(settings.save.replace("ITEM", encodeURIComponent(item)), {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "Accept-Language": document.documentElement.lang, "X-CSRFToken": csrf },
    body: JSON.stringify({ key: edit.key, base: edit.base ?? 0, answer: edit.patch }),
    credentials: "same-origin",
    keepalive: true,
    signal,
  });

  // The page goes away: send what has not left yet, without waiting. It stays kept until some page sees it acknowledged.
  function sendParting() {
    for (const item of items()) {
      const record = read(item);
      if (!record.edits.length || isBlocked(record) || item === sending) continue;
      record.edits[0].tried = true;
      write(item, record);
      post(item, record.edits[0]).catch(() => {});
    }
  }

  function state() {
    const records = items().map((item) => [item, read(item)]);
    return {
      pending: records.filter(([, record]) => record.edits.length && !isBlocked(record)).length,
      conflicts: records.filter(([, record]) => record.conflict),
      problems: records.filter(([, record]) => record.problem || (record.draft && !record.edits.length)),
      isGone: records.some(([, record]) => record.problem?.status === 404),
      trouble,
      isLasting: shelf.isLasting,
    };
  }

  // Resolves when nothing waits to be sent any more, or with the first trouble, or when the time is up.
  function settled(milliseconds) {
    return new Promise((resolve) => {
      const look = () => { if (!state().pending || trouble) resolve(state()); };
      watchers.push(look);
      setTimeout(() => resolve(state()), milliseconds);
      look();
    });
  }

  // Try again at once, whatever went wrong before.
  function tryNow() {
    failures = 0;
    trouble = "";
    return run();
  }

  // What was acknowledged long ago is of no use to a page made since.
  for (const item of items()) {
    const record = read(item);
    delete record.done;
    write(item, record);
  }

  addEventListener("online", tryNow);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") run(); });
  addEventListener("pagehide", sendParting);
  addEventListener("pageshow", (event) => { if (event.persisted) run(); });
  addEventListener("storage", (event) => {
    if (!event.key?.startsWith(prefix)) return;
    const item = event.key.slice(prefix.length);
    const { done } = read(item);
    notify(item, done ? { kind: "saved", ...done } : { kind: "elsewhere" });
  });

  return { add, replace, drop, keepDraft, read, run, tryNow, state, settled, watch: (watcher) => watchers.push(watcher) };
}

// The state of everything, in one line of words, with a link to what needs the person.
export function showState(element, outbox) {
  const words = element.dataset;
  const text = element.querySelector(".outbox-text");
  const link = element.querySelector(".outbox-link");
  let wasBusy = false;

  function show() {
    const state = outbox.state();
    const asks = [...state.conflicts, ...state.problems];
    let message = "";
    let name = "";
    if (state.isGone) [name, message] = ["problem", words.gone.replace("{count}", asks.length)];
    else if (state.conflicts.length) [name, message] = ["conflict", words.conflict.replace("{count}", state.conflicts.length)];
    else if (state.pending && state.trouble) [name, message] = [state.trouble, words[state.trouble].replace("{count}", state.pending)];
    else if (state.pending) [name, message] = ["saving", words.saving];
    else if (state.problems.length) [name, message] = ["problem", words.problem.replace("{count}", state.problems.length)];
    else if (wasBusy) [name, message] = ["saved", words.saved];
    if (state.pending && !state.isLasting) message = `${message} ${words.memory}`;
    wasBusy ||= Boolean(name);
    element.dataset.state = name;
    element.hidden = !name;
    if (text.textContent !== message) text.textContent = message;
    const [item, record] = asks[0] ?? [];
    link.hidden = !item || state.isGone;
    if (item) link.href = `${words.home}${record.page}#item-${item}`;
  }

  outbox.watch(show);
  show();
}

const isText = (patch) => patch !== null && Object.keys(patch).every((name) => name === "evidence" || name === "comment");

// crypto.randomUUID exists only on https and localhost; a workshop's own network has neither.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// localStorage; where a browser refuses it, the same for as long as the page lives.
function openShelf() {
  try {
    localStorage.setItem("kam-answers", "");
    localStorage.removeItem("kam-answers");
    return {
      isLasting: true,
      get length() { return localStorage.length; },
      key: (place) => localStorage.key(place),
      getItem: (name) => localStorage.getItem(name),
      setItem: (name, value) => localStorage.setItem(name, value),
      removeItem: (name) => localStorage.removeItem(name),
    };
  } catch {
    const values = new Map();
    return {
      isLasting: false,
      get length() { return values.size; },
      key: (place) => [...values.keys()][place],
      getItem: (name) => values.get(name) ?? null,
      setItem: (name, value) => values.set(name, value),
      removeItem: (name) => values.delete(name),
    };
  }
}
