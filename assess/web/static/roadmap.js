// Drag a bar of the time line to move an initiative by whole weeks; without this file dates are given in a form.
const form = document.getElementById("left-out");
const state = document.getElementById("move-state");
const DAY = 24 * 3600 * 1000;

const shifted = (iso, days) => new Date(Date.parse(iso) + days * DAY).toISOString().slice(0, 10);

async function move(bar, weeks) {
  const body = new URLSearchParams({
    csrf_token: form.elements.csrf_token.value,
    start: shifted(bar.dataset.start, 7 * weeks),
    last_day: shifted(bar.dataset.last, 7 * weeks),
    base: bar.dataset.base,
  });
  try {
    const answer = await fetch(form.dataset.move.replace("ACTION", encodeURIComponent(bar.dataset.action)), { method: "POST", body });
    if (answer.ok) {
      state.textContent = state.dataset.moved;
      location.reload();
      return;
    }
    const told = await answer.json().catch(() => ({}));
    state.textContent = told.problem || state.dataset.failed;
  } catch {
    state.textContent = state.dataset.failed;
  }
  bar.setAttribute("transform", "");
}

function drag(bar) {
  let from = null;
  const week = () => 7 * (Number(bar.dataset.day) / 100) * bar.ownerSVGElement.getBoundingClientRect().width;
  const weeksAt = (event) => Math.round((event.clientX - from) / week());
  bar.addEventListener("pointerdown", (event) => {
    from = event.clientX;
    bar.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  bar.addEventListener("pointermove", (event) => {
    if (from !== null) bar.setAttribute("transform", `translate(${weeksAt(event) * week()} 0)`);
  });
  bar.addEventListener("pointerup", (event) => {
    const weeks = from === null ? 0 : weeksAt(event);
    from = null;
    if (weeks) move(bar, weeks);
  });
  bar.addEventListener("pointercancel", () => {
    from = null;
    bar.setAttribute("transform", "");
  });
  bar.classList.add("movable");
}

if (form && form.dataset.move) document.querySelectorAll("rect[data-action]").forEach(drag);
