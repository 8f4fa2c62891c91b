// The facilitator's desk: the numbers move by themselves; when the room has moved on elsewhere, the page is shown anew.
import { follow, runTimers } from "./live.js";

const desk = document.getElementById("desk-live");
const numbers = document.getElementById("desk-numbers");

function isTyping() {
  return [...document.querySelectorAll("textarea")].some((area) => area.value !== area.defaultValue);
}

if (desk) {
  follow({ address: desk.dataset.live, rev: desk.dataset.rev, page: document.documentElement.lang }, ({ revision, voted, present, people }) => {
    if (numbers) numbers.textContent = numbers.dataset.text.replace("{done}", voted).replace("{all}", people);
    const isOld = String(revision) !== desk.dataset.revision || String(present) !== desk.dataset.present;
    if (isOld && !isTyping() && !document.activeElement?.matches("select, input, textarea")) location.reload();
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
