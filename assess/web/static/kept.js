// On every page of an assessment but the steps: send what another page of it left on this device.
import { openOutbox, showState } from "./outbox.js";

const element = document.getElementById("outbox");
const outbox = openOutbox(element.dataset);
showState(element, outbox);
outbox.run();
