// Ask every two seconds, more rarely when it takes long, whether the document is there; the page then shows itself anew.
const making = document.getElementById("making");
const longest = 15000;

async function isOver() {
  const answer = await fetch(making.dataset.state, { headers: { Accept: "application/json" }, cache: "no-store" });
  if (!answer.ok) return answer.status === 404;
  const { state } = await answer.json();
  return state === "done" || state === "failed";
}

async function look(wait) {
  try {
    if (await isOver()) {
      location.reload();
      return;
    }
    wait = Math.min(wait * 1.1, longest);
  } catch {
    wait = Math.min(wait * 2, longest);
  }
  setTimeout(look, wait * (0.8 + 0.4 * Math.random()), wait);
}

if (making) setTimeout(look, 1000, 2000);
