// A button beside a field copies what stands there. Where the clipboard is closed to us, as by
// plain http from another machine, the text is selected, to be copied by hand.

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = button.parentElement.querySelector("input");
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Selected";
    }
  });
}
