// A phone in the room: follows it, and sends each vote once, however long the network is away.
import { asHTML, follow, runTimers } from "./live.js";
import { openOutbox, showState } from "./outbox.js";

const room = document.getElementById("room");
const outboxElement = document.getElementById("outbox");
const connection = document.getElementById("connection");
const late = document.getElementById("late");
const outbox = openOutbox(outboxElement.dataset);
const [workshop] = room.dataset.rev.split(".");
let seen = {};
let taken = null;
let shown = document.getElementById("ballot")?.dataset.round;

document.documentElement.classList.add("with-script");

// The ballot of the round on the screen, with a vote that this phone has not got through yet.
function openBallot() {
  const ballot = document.getElementById("ballot");
  if (!ballot) return;
  const { round, vote } = ballot.dataset;
  const { edits } = outbox.read(round);
  if (taken?.round !== round || taken.version <= Number(vote)) taken = null;
  seen = edits.length ? { after: edits.at(-1).key } : { base: taken?.version ?? Number(vote) };
  const mine = edits.at(-1)?.patch ?? taken?.answer;
  if (mine) choose(ballot, mine);
  ballot.addEventListener("change", () => commit(ballot));
  ballot.addEventListener("submit", (event) => { event.preventDefault(); commit(ballot); });
  showVote();
}

function choose(ballot, patch) {
  const value = patch.level ? String(patch.level) : patch.dont_know ? "dont_know" : "not_applicable";
  for (const radio of ballot.elements.choice) radio.checked = radio.value === value;
  if (patch.not_applicable) ballot.elements.reason.value = patch.not_applicable;
}

function commit(ballot) {
  const { value } = ballot.elements.choice;
  if (!value) return;
  const patch = value === "dont_know" ? { dont_know: true } : value === "not_applicable" ? { not_applicable: ballot.elements.reason.value } : { level: Number(value) };
  seen = { after: outbox.add(ballot.dataset.round, patch, seen) };
  showVote();
}

// The vote that counts, in place of one that was refused.
function showTaken(ballot) {
  if (taken) choose(ballot, taken.answer);
  else ballot.reset();
}

// Beside the ballot: on its way, kept, or in.
function showVote() {
  const ballot = document.getElementById("ballot");
  const state = document.getElementById("vote-state");
  if (!ballot || !state) return;
  const { edits } = outbox.read(ballot.dataset.round);
  const isChosen = [...ballot.elements.choice].some((radio) => radio.checked);
  const name = edits.length ? (outbox.state().trouble ? "offline" : "saving") : "saved";
  const words = { offline: state.dataset.kept, saving: state.dataset.sending, saved: state.dataset.sent };
  state.hidden = !isChosen;
  state.dataset.state = name;
  if (state.textContent !== words[name]) state.textContent = words[name];
}

// Another window of this browser has voted: show its vote, the one that waits still or else the one that counts.
function showElsewhere(ballot) {
  const last = outbox.read(ballot.dataset.round).edits.at(-1);
  if (!last) {
    showAnew();
    return;
  }
  choose(ballot, last.patch);
  seen = { after: last.key };
}

outbox.watch((item, event) => {
  const ballot = document.getElementById("ballot");
  const isHere = ballot?.dataset.round === item;
  const isElsewhere = event.kind === "elsewhere" || (event.kind === "saved" && !("answer" in event));
  if (isElsewhere && isHere) showElsewhere(ballot);
  else if (event.kind === "saved" && isHere) {
    seen = { base: event.version };
    if (event.answer) taken = { round: item, version: event.version, answer: event.answer };
  }
  if (event.kind === "problem") {
    outbox.drop(item);
    if (isHere) showTaken(ballot);
    if (isHere || !ballot) late.hidden = false;
  }
  if (event.kind === "added") late.hidden = true;
  showVote();
});

// Another device of this person may have voted in the meantime. Before `follow` asks only for what has changed.
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") showAnew(); });
const showAnew = follow(
  { address: room.dataset.live, rev: room.dataset.rev, page: room.dataset.in },
  ({ html, rev }) => {
    if (rev.split(".")[0] !== workshop) {
      location.reload();
      return;
    }
    const before = document.getElementById("ballot")?.dataset.round;
    const hadFocus = room.contains(document.activeElement);
    room.innerHTML = asHTML(html);
    const after = document.getElementById("ballot")?.dataset.round;
    if (before !== after || hadFocus) room.querySelector("h1")?.focus({ preventScroll: before === after });
    if (before !== after) scrollTo({ top: 0 });
    if (after && after !== shown) late.hidden = true;
    shown = after ?? shown;
    openBallot();
    runTimers();
  },
  (isConnected) => {
    connection.hidden = isConnected;
    if (isConnected && outbox.state().trouble === "offline") outbox.tryNow();
  },
);
openBallot();
runTimers();
showState(outboxElement, outbox);
outbox.run();
