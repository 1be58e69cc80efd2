// SPDX-License-Identifier: Apache-2.0
// Keeps the page of a batch up to date while it is being checked: each second the parts marked data-live are
// exchanged, and at most every five seconds it is said aloud how far it is. Without this script the page loads
// itself again.
const SECOND = 1000;
const ALOUD = 5 * SECOND;
const announce = document.querySelector("[data-announce]");
let said = Date.now();

const exchange = (page, isOpen) => {
  for (const fresh of page.querySelectorAll("[data-live]")) {
    const old = document.querySelector(`[data-live="${fresh.dataset.live}"]`);
    // Whoever stands on a link or has marked words keeps them; the next second comes soon.
    const hasFocus = old.contains(document.activeElement);
    const inUse = hasFocus || (getSelection().type === "Range" && getSelection().containsNode(old, true));
    if ((isOpen && inUse) || old.innerHTML === fresh.innerHTML) continue;
    old.replaceChildren(...fresh.childNodes);
    if (hasFocus) document.querySelector("main").focus();
  }
  document.title = page.title;
};

const look = async () => {
  let isOpen = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (answer.status === 404) return location.reload();
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const head = page.querySelector("[data-state]");
      isOpen = head.dataset.state === "open";
      const words = head.querySelector("[data-words]").textContent;
      exchange(page, isOpen);
      if (!isOpen || Date.now() - said >= ALOUD) {
        announce.textContent = isOpen ? words : `Finished: ${words}`;
        said = Date.now();
      }
    }
  } catch {
    // The connection is gone for a moment; what is here stays.
  }
  if (isOpen) setTimeout(look, SECOND);
};
setTimeout(look, SECOND);
