// The projector: shows whatever the room shows.
import { asHTML, follow, runTimers } from "./live.js";

const room = document.getElementById("room");
const connection = document.getElementById("connection");

follow(
  { address: room.dataset.live, rev: room.dataset.rev, page: room.dataset.in },
  ({ html }) => { room.innerHTML = asHTML(html); runTimers(); },
  (isConnected) => { connection.hidden = isConnected; },
);
runTimers();
