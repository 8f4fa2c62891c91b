// Copy the private link with one press where the browser allows it; the text field is there for the rest.
const field = document.getElementById("private-link");
const button = document.getElementById("copy-link");
const state = document.getElementById("copy-state");

if (field && button) {
  field.addEventListener("focus", () => field.select());
  if (navigator.clipboard) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(field.value);
        state.textContent = button.dataset.done;
      } catch {
        field.focus();
      }
    });
  }
}
