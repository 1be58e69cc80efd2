// SPDX-License-Identifier: Apache-2.0
// Extras for the page of a review: saves while one writes, and keys for levels. All of it works without.
const form = document.querySelector("form.review");
if (form) {
  const told = document.getElementById("saved");
  const use = document.getElementById("use-keys");
  const csrf = document.querySelector("meta[name=csrf]").content;
  let timer, busy = false, dirty = false;

  async function save() {
    clearTimeout(timer);
    if (busy || !dirty) return;
    busy = true;
    dirty = false;
    try {
      const headers = { Accept: "application/json", "X-CSRF-Token": csrf };
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers, keepalive: true });
      const said = await answer.json();
      if (answer.ok) form.elements.revision.value = said.revision;
      told.textContent = answer.ok ? said.saved : `Not saved: ${said.detail}`;
    } catch {
      dirty = true;
      told.textContent = "Not saved yet: there is no connection. What you write stays on this page.";
    }
    busy = false;
    if (dirty) timer = setTimeout(save, 5000);
  }
  form.addEventListener("input", () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, 1500);
  });
  document.addEventListener("visibilitychange", () => document.hidden && save());

  const all = [...form.querySelectorAll("fieldset.criterion")];
  const remember = (value) => {
    try {
      return value === undefined ? localStorage.getItem("review-keys") : localStorage.setItem("review-keys", value);
    } catch {
      return null;
    }
  };
  document.getElementById("keys").hidden = false;
  use.checked = remember() !== "off";
  use.addEventListener("change", () => remember(use.checked ? "on" : "off"));
  document.addEventListener("keydown", (event) => {
    if (!use.checked || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])")) return;
    const here = all.findIndex((each) => each.contains(document.activeElement));
    if (event.key === "?") {
      const keys = document.getElementById("keys");
      keys.open = !keys.open;
      keys.querySelector("summary").focus();
    } else if (event.key === "j" || event.key === "k") {
      const next = all[here < 0 ? 0 : here + (event.key === "j" ? 1 : -1)];
      next?.querySelector("input:checked, input")?.focus();
      next?.scrollIntoView({ block: "start" });
    } else if (/^[1-9]$/.test(event.key) && here >= 0) {
      const level = all[here].querySelectorAll("input[type=radio]")[event.key - 1];
      level?.focus();
      level?.click();
    } else return;
    event.preventDefault();
  });
}
