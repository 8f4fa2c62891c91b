// A step page: every answer is saved as it is given. Everything works without this, by the buttons.
import { openOutbox, showState } from "./outbox.js";

const PAUSE = 800;
const form = document.getElementById("answers");
const words = document.getElementById("words").dataset;
const outboxElement = document.getElementById("outbox");
const outbox = openOutbox(outboxElement.dataset);
// A page that the server sent back holds entries that are saved nowhere yet: there the form does it all.
const isPlain = document.querySelector("[data-focus]") !== null;
let isChanged = isPlain;
const fieldsets = [...form.querySelectorAll("fieldset.item")];
const cards = new Map(fieldsets.map((fieldset) => [fieldset.dataset.item, openCard(fieldset)]));

// One item on the page: what stands in its fields, what of it is on its way, and what it was based on.
function openCard(fieldset) {
  const item = fieldset.dataset.item;
  const named = (part) => fieldset.querySelector(`[name="q_${item}__${part}"]`);
  const radios = [...fieldset.querySelectorAll(`input[type=radio][name="q_${item}"]`)];
  const state = fieldset.querySelector(".save-state");
  const clear = fieldset.querySelector(".clear");
  const [reason, evidence, comment, shown] = ["reason", "evidence", "comment", "shown"].map(named);
  let seen = { base: Number.parseInt(shown.value, 10) || 0 };
  let timer = 0;

  const entries = () => ({ choice: radios.find((radio) => radio.checked)?.value ?? "", reason: reason.value, evidence: evidence.value, comment: comment.value });

  function fill({ choice, reason: why, evidence: proof, comment: note }) {
    radios.forEach((radio) => { radio.checked = radio.value === choice; });
    reason.value = why ?? "";
    evidence.value = proof ?? "";
    comment.value = note ?? "";
    if (proof || note) fieldset.querySelector("details.notes").open = true;
    fieldset.querySelectorAll("textarea").forEach((area) => area.dispatchEvent(new Event("measure")));
  }

  let settled = entries();
  let before = null;

  const isTooLong = () => [evidence, comment].some((area) => [...area.value.trim()].length > Number(area.dataset.limit));

  // What is missing before the entries are an answer, in words; nothing when they are one.
  function lack(now) {
    if (isTooLong()) return words.long;
    if (now.choice === "not_applicable" && !now.reason) return words.reason;
    if (!now.choice && (now.evidence.trim() || now.comment.trim())) return words.choose;
    return "";
  }

  function choiceOf(now) {
    if (now.choice === "dont_know") return { dont_know: true };
    if (now.choice === "not_applicable") return { not_applicable: now.reason };
    return now.choice ? { level: Number(now.choice) } : {};
  }

  function changesOf(now) {
    if (now.choice === "clear") return null;
    const patch = now.choice !== settled.choice || now.reason !== settled.reason ? choiceOf(now) : {};
    for (const name of ["evidence", "comment"]) if (now[name].trim() !== settled[name].trim()) patch[name] = now[name];
    return patch;
  }

  // Take the entries as they stand: an edit when they are an answer, a draft while they are none.
  function commit() {
    clearTimeout(timer);
    if (isPlain) return;
    const record = outbox.read(item);
    const now = entries();
    if (record.conflict) {
      outbox.keepDraft(item, now, seen);
      return;
    }
    const missing = lack(now);
    const patch = changesOf(now);
    if (patch !== null && !Object.keys(patch).length) {
      if (record.draft) outbox.keepDraft(item, undefined);
      return;
    }
    if (missing) {
      outbox.keepDraft(item, now, seen);
      return;
    }
    before = settled;
    settled = patch === null ? { choice: "", reason: "", evidence: "", comment: "" } : now;
    if (record.problem) seen = { after: outbox.replace(item, whole(now), seen.base ?? record.edits[0].base ?? 0) };
    else seen = { after: outbox.add(item, patch, seen) };
    if (patch === null) fill(settled);
  }

  const whole = (now) => (now.choice === "clear" || !now.choice ? null : { ...choiceOf(now), evidence: now.evidence, comment: now.comment });

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(commit, PAUSE);
  }

  // What this device keeps of the item stands on the page again, on the version it was based on.
  function restore() {
    const { edits, draft, seen: draftSeen } = outbox.read(item);
    let values = settled;
    for (const { patch } of edits) values = patch === null ? { choice: "", reason: "", evidence: "", comment: "" } : { ...values, ...entriesOf(patch) };
    if (edits.length) {
      fill(values);
      settled = values;
      seen = { after: edits.at(-1).key };
    }
    if (draft) {
      fill(draft);
      if (draftSeen) seen = draftSeen;
    }
  }

  function saved({ key, version, shown: text }) {
    shown.value = text;
    if (seen.after === key) seen = { base: version };
  }

  function showConflict({ answer }) {
    if (fieldset.querySelector(".conflict")) return;
    const panel = document.getElementById("conflict").content.firstElementChild.cloneNode(true);
    const quote = panel.querySelector("blockquote");
    quote.querySelector(".theirs").textContent = answer ? wordsOf(answer) : quote.dataset.cleared;
    for (const name of ["evidence", "comment"]) {
      const note = quote.querySelector(`.theirs-${name}`);
      note.hidden = !answer?.[name];
      note.querySelector(".typed").textContent = answer?.[name] ?? "";
    }
    panel.addEventListener("click", (event) => { if (event.target.dataset.keep) decide(event.target.dataset.keep); });
    fieldset.querySelector(".cards").before(panel);
    fieldset.classList.add("has-error");
  }

  function wordsOf(answer) {
    if (answer.level) return fieldset.querySelector(`input[value="${answer.level}"]`).closest(".card").innerText;
    const value = answer.dont_know ? "dont_know" : "not_applicable";
    const text = radios.find((radio) => radio.value === value).closest("label").innerText;
    const why = [...reason.options].find((option) => option.value === answer.not_applicable)?.text;
    return why ? `${text}: ${why}` : text;
  }

  function decide(which) {
    const { conflict } = outbox.read(item);
    fieldset.querySelector(".conflict")?.remove();
    fieldset.classList.remove("has-error");
    if (!conflict) return;
    if (which === "theirs") {
      settled = entriesOf(conflict.answer);
      fill(settled);
      seen = { base: conflict.version };
      shown.value = conflict.shown;
      outbox.drop(item);
    } else {
      const now = entries();
      settled = now;
      seen = { after: outbox.replace(item, whole(now), conflict.version) };
    }
    radios.find((radio) => radio.checked)?.focus();
    show();
  }

  function say(text, name) {
    state.hidden = !text;
    state.dataset.state = name;
    if (state.firstChild?.textContent !== text || state.children.length) state.replaceChildren(text);
  }

  function show(event = {}) {
    const record = outbox.read(item);
    clear.hidden = !settled.choice && !radios.some((radio) => radio.checked);
    if (record.conflict) { say("", "conflict"); showConflict(record.conflict); }
    else if (record.problem) say(record.problem.messages.join(" "), "problem");
    else if (record.draft) say(lack(record.draft), "problem");
    else if (record.edits.length) say(outbox.state().trouble ? words.kept : words.saving, outbox.state().trouble ? "offline" : "saving");
    else if (event.kind === "saved" && event.answer === null) sayCleared();
    else if (event.kind === "saved") say(words.saved, "saved");
    else if (!["saved", ""].includes(state.dataset.state ?? "")) say("", "");
  }

  // Clearing can be undone as long as the page stands.
  function sayCleared() {
    say(words.cleared, "saved");
    if (!before?.choice) return;
    const button = document.createElement("button");
    const old = before;
    button.type = "button";
    button.className = "button small";
    button.textContent = words.undo;
    button.addEventListener("click", () => { fill(old); commit(); show(); showProgress(); });
    state.append(" ", button);
  }

  fieldset.addEventListener("change", commit);
  fieldset.addEventListener("input", (event) => { if (event.target.matches("textarea")) soon(); });
  function attend() {
    show();
    fieldset.scrollIntoView({ block: "start" });
    (fieldset.querySelector(".conflict") ?? fieldset.querySelector("legend")).focus({ preventScroll: true });
  }

  return { entries, commit, restore, saved, show, attend };
}

// An answer or a part of one, as entries of the page.
function entriesOf(answer) {
  if (!answer) return { choice: "", reason: "", evidence: "", comment: "" };
  const values = {};
  if (answer.level) Object.assign(values, { choice: String(answer.level), reason: "" });
  else if (answer.dont_know) Object.assign(values, { choice: "dont_know", reason: "" });
  else if (answer.not_applicable) Object.assign(values, { choice: "not_applicable", reason: answer.not_applicable });
  for (const name of ["evidence", "comment"]) if (name in answer) values[name] = answer[name];
  return values;
}

// Keys: 1 to 5 choose a level of the item the focus is in, J and K go to the next and the one before; never while typing.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("textarea, select, input:not([type=radio])")) return;
  const here = fieldsets.indexOf(event.target.closest("fieldset.item"));
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") {
    const there = fieldsets[key === "j" ? here + 1 : Math.max(here - 1, 0)];
    if (!there) return;
    event.preventDefault();
    (there.querySelector("input[type=radio]:checked") ?? there.querySelector("input[type=radio]")).focus({ preventScroll: true });
    there.scrollIntoView({ block: "start" });
    return;
  }
  const radio = /^[1-5]$/.test(key) && here >= 0 && fieldsets[here].querySelector(`.cards input[type=radio][value="${key}"]`);
  if (!radio) return;
  event.preventDefault();
  radio.checked = true;
  radio.focus();
  radio.dispatchEvent(new Event("change", { bubbles: true }));
});

// Progress of this step as it stands on the page.
const progress = document.getElementById("step-progress");
const bar = document.querySelector(".step-progress .bar-claimed");

function showProgress() {
  const answered = [...cards.values()].filter((card) => !["", "clear"].includes(card.entries().choice)).length;
  progress.textContent = progress.dataset.text.replace("{answered}", answered).replace("{total}", cards.size);
  bar.setAttribute("width", String((100 * answered) / cards.size));
}

// How many characters there are, once it gets tight.
for (const area of form.querySelectorAll("textarea[data-limit]")) {
  const count = document.createElement("p");
  count.className = "count";
  area.after(count);
  const measure = () => {
    const limit = Number(area.dataset.limit);
    const length = [...area.value].length;
    count.textContent = length > limit * 0.8 ? `${length} / ${limit}` : "";
    count.classList.toggle("over", length > limit);
  };
  area.addEventListener("input", measure);
  area.addEventListener("measure", measure);
  measure();
}

// The buttons lead on as soon as everything is saved; a language button, or whatever else sends the form, saves by sending it.
form.addEventListener("submit", async (event) => {
  if (isPlain) {
    isChanged = false;
    return;
  }
  event.preventDefault();
  const { name, value, dataset } = event.submitter ?? form.querySelector("[data-go]");
  const go = name === "switch_language" ? `${location.pathname}?lang=${value}` : dataset.go;
  cards.forEach((card) => card.commit());
  outbox.tryNow();
  const { pending, conflicts, problems } = await outbox.settled(8000);
  const here = name !== "switch_language" && [...conflicts, ...problems].map(([item]) => cards.get(item)).find(Boolean);
  if (here) here.attend();
  else if (!pending && go) location.assign(go);
});

addEventListener("pagehide", () => cards.forEach((card) => card.commit()), { capture: true });
addEventListener("beforeunload", (event) => {
  const { pending, isLasting } = outbox.state();
  if (isChanged || (pending && !isLasting)) event.preventDefault();
});

outbox.watch((item, event) => {
  const card = cards.get(item);
  if (card && event.kind === "saved") card.saved(event);
  if (card) card.show(event);
  if (!item) cards.forEach((each) => each.show());
  showProgress();
});
document.querySelectorAll(".needs-script").forEach((element) => { element.hidden = false; });
cards.forEach((card) => {
  if (!isPlain) card.restore();
  card.show();
});
showState(outboxElement, outbox);
showProgress();
outbox.run();
