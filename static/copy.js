// SPDX-License-Identifier: Apache-2.0
// Buttons that copy a text. Without this script they stay hidden; the text itself is on the page.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const words = button.textContent;
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Please copy it by hand";
      }
      setTimeout(() => { button.textContent = words; }, 3000);
    });
  }
}
