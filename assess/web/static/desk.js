// The facilitator's desk: the numbers move by themselves; when the room has moved on elsewhere, the page is shown anew.
// What was typed or chosen and not sent yet, which places are open and where the keyboard stands outlive that.
import { follow, runTimers } from "./live.js";

const desk = document.getElementById("desk-live");
const numbers = document.getElementById("desk-numbers");
const shelf = openShelf();
const SECONDS = 1000;
const ONCE = 4 * SECONDS;

// A browser may refuse to keep anything; then nothing outlives the page.
function openShelf() {
  try {
    sessionStorage.setItem("kam-desk", "");
    return sessionStorage;
  } catch {
    return null;
  }
}

const kept = (name) => JSON.parse(shelf?.getItem(`kam-desk:${location.pathname}:${name}`) || "null");
function keep(name, value) {
  const key = `kam-desk:${location.pathname}:${name}`;
  if (!shelf) return;
  if (value) shelf.setItem(key, JSON.stringify(value));
  else shelf.removeItem(key);
}

const isChanged = (field) => (field.type === "radio" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
const fieldsOf = (form) => [...form.elements].filter((field) => field.matches("textarea, input[type=radio]"));

// A draft is what a form holds beside what the server put there; that of a consensus belongs to its round.
for (const form of document.querySelectorAll("form[data-draft]")) {
  const name = form.dataset.draft;
  const isAnswered = fieldsOf(form).some((field) => field.getAttribute("aria-invalid"));
  const draft = isAnswered || document.getElementById("problems") ? null : kept(name);
  for (const field of fieldsOf(form)) {
    if (!draft) break;
    if (field.type === "radio") field.checked = field.value === draft.level;
    else if (field.name in draft) field.value = draft[field.name];
  }
  form.addEventListener("input", () => {
    const changed = fieldsOf(form).some(isChanged);
    keep(name, changed && Object.fromEntries(fieldsOf(form).filter((field) => field.type !== "radio" || field.checked).map((field) => [field.name, field.value])));
  });
  form.addEventListener("submit", () => keep(name, null));
}

// Whether a new page would get in somebody's way, or lose what it can't keep.
function isBusy() {
  if (document.activeElement?.matches("select, input, textarea")) return true;
  return !shelf && [...document.querySelectorAll("form[data-draft]")].some((form) => fieldsOf(form).some(isChanged));
}

// An element by what it is, since the page that comes is another one.
const nameOf = (element) => element.id || [element.closest("form")?.action, element.name, element.value, element.textContent.trim()].join("|");
const places = () => [...document.querySelectorAll("details > summary")];

function showAnew() {
  keep("view", { focus: document.activeElement && nameOf(document.activeElement), open: places().filter((each) => each.parentElement.open).map(nameOf) });
  location.reload();
}

const view = kept("view");
if (view) {
  keep("view", null);
  for (const each of places()) if (view.open.includes(nameOf(each))) each.parentElement.open = true;
  const focused = [...document.querySelectorAll("a, button, summary")].find((each) => nameOf(each) === view.focus);
  focused?.focus({ preventScroll: true });
}

if (desk) {
  follow({ address: desk.dataset.live, rev: desk.dataset.rev, page: document.documentElement.lang }, ({ revision, voted, present, people }) => {
    if (numbers) numbers.textContent = numbers.dataset.text.replace("{done}", voted).replace("{all}", people);
    const isOld = String(revision) !== desk.dataset.revision || String(present) !== desk.dataset.present;
    if (isOld && !isBusy()) showAnew();
    else if (isOld) document.getElementById("desk-old").hidden = false;
  });
  runTimers();
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  field.addEventListener("focus", () => field.select());
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.done;
  });
}

for (const button of document.querySelectorAll("[data-sure]")) {
  button.addEventListener("click", (event) => { if (!confirm(button.dataset.sure)) event.preventDefault(); });
}

// A button pressed twice does a thing once.
for (const form of document.querySelectorAll("form[method=post]")) {
  let pressed = -ONCE;
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - pressed < ONCE) event.preventDefault();
    else pressed = event.timeStamp;
  });
}
