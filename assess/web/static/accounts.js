// The upload says how much has been sent; a file being read says how much of it has been read. Without this script the
// form is sent and the page looks again by itself.
const form = document.getElementById("upload");
const reading = document.getElementById("reading");

function complain(text) {
  const problem = document.getElementById("file-problem");
  problem.textContent = text;
  problem.hidden = !text;
  if (text) document.getElementById("file").focus();
}

function send(event) {
  const file = document.getElementById("file").files[0];
  if (!file) return;
  event.preventDefault();
  if (file.size > Number(form.dataset.limit)) {
    complain(form.dataset.tooLarge);
    return;
  }
  complain("");
  const sending = document.getElementById("sending");
  const bar = document.getElementById("sent");
  const button = form.querySelector("button");
  const request = new XMLHttpRequest();
  const over = (text) => {
    sending.hidden = true;
    button.disabled = false;
    complain(text);
  };
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  request.upload.onprogress = (progress) => {
    if (progress.lengthComputable) bar.value = (1000 * progress.loaded) / progress.total;
  };
  request.onerror = () => over(form.dataset.failed);
  request.onload = () => {
    const answer = request.response;
    if (request.status === 200 && answer?.address) location.assign(answer.address);
    else over(answer?.problems?.join(" ") || form.dataset.failed);
  };
  sending.hidden = false;
  button.disabled = true;
  request.send(new FormData(form));
}

async function look(wait) {
  try {
    const answer = await fetch(reading.dataset.state, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.ok) {
      const { state, progress } = await answer.json();
      if (state === "done" || state === "failed") {
        location.reload();
        return;
      }
      document.getElementById("done").value = progress;
      document.getElementById("share").textContent = `${Math.round(progress / 10)}%`;
    }
  } catch {
    wait = Math.min(wait * 2, 15000);
  }
  setTimeout(look, wait * (0.8 + 0.4 * Math.random()), wait);
}

if (form) form.addEventListener("submit", send);
if (reading) setTimeout(look, 700, 1000);
