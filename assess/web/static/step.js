// Comfort on a step page; everything works without it.
const form = document.getElementById("answers");
const items = [...form.querySelectorAll("fieldset.item")];
let isChanged = form.querySelector(".item.has-error") !== null || document.querySelector("[data-focus]") !== null;

document.querySelectorAll(".needs-script").forEach((element) => { element.hidden = false; });

// Keys 1 to 5 choose a level of the item the focus is in, unless text is being typed.
form.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !/^[1-5]$/.test(event.key)) return;
  if (event.target.matches("textarea, select, input:not([type=radio])")) return;
  const radio = event.target.closest("fieldset.item")?.querySelector(`input[type=radio][value="${event.key}"]`);
  if (!radio) return;
  radio.checked = true;
  radio.focus();
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  event.preventDefault();
});

// Progress of this step as it stands on the page.
const progress = document.getElementById("step-progress");
const bar = document.querySelector(".step-progress .bar-claimed");

function showProgress() {
  const answered = items.filter((item) => {
    const chosen = item.querySelector("input[type=radio]:checked");
    return chosen && chosen.value !== "clear";
  }).length;
  progress.textContent = progress.dataset.text.replace("{answered}", answered).replace("{total}", items.length);
  bar.setAttribute("width", String((100 * answered) / items.length));
}

// How many characters are left, once it gets tight.
for (const area of form.querySelectorAll("textarea[data-limit]")) {
  const count = document.createElement("p");
  count.className = "count";
  area.after(count);
  const show = () => {
    const limit = Number(area.dataset.limit);
    const length = [...area.value].length;
    count.textContent = length > limit * 0.8 ? `${length} / ${limit}` : "";
    count.classList.toggle("over", length > limit);
  };
  area.addEventListener("input", show);
  show();
}

form.addEventListener("change", () => { isChanged = true; showProgress(); });
form.addEventListener("input", () => { isChanged = true; });
form.addEventListener("submit", (event) => {
  // The server refuses more than a mebibyte at once, and what was typed would be gone.
  if (new URLSearchParams(new FormData(form)).toString().length > 1_000_000) {
    event.preventDefault();
    form.querySelector(".count.over")?.previousElementSibling.focus();
    return;
  }
  isChanged = false;
});
window.addEventListener("beforeunload", (event) => { if (isChanged) event.preventDefault(); });
showProgress();
