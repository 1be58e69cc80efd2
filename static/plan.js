// SPDX-License-Identifier: Apache-2.0
// Keeps what is filled in on this device alone, until it is forgotten. Nothing is sent from here; without this
// script the form works the same, and nothing is kept.
const form = document.querySelector("form[data-plan]");

if (form) {
  const key = `hallmark:plan:${form.dataset.plan}`;
  const notice = form.querySelector("[data-kept]");
  const words = form.querySelector("[data-kept-words]");
  const mine = [...form.elements].filter((each) => each.name && !["hidden", "search", "submit"].includes(each.type));
  let stopped = false; // by "Forget it", until the page is opened again
  const isTick = (each) => each.type === "checkbox" || each.type === "radio";

  function filled() {
    const found = {};
    for (const each of mine) {
      if (isTick(each) ? each.checked && each.value : each.value) found[each.name] = each.value;
    }
    return found;
  }

  function keep() {
    if (stopped) return;
    try {
      const found = filled();
      if (!Object.keys(found).length) return drop();
      localStorage.setItem(key, JSON.stringify(found));
      words.textContent = "Kept on this device.";
      notice.hidden = false;
    } catch {
      // Not allowed or no room: then nothing is kept.
    }
  }

  function forget() {
    stopped = true;
    drop();
    words.textContent = "Forgotten on this device. What stands in the form is gone when you leave this page.";
  }

  function drop() {
    try {
      localStorage.removeItem(key);
    } catch {
      // As above.
    }
  }

  function restore() {
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(key));
    } catch {
      return;
    }
    if (!kept || typeof kept !== "object") return;
    const offered = (each) => mine.some((other) => other.name === each.name && other.value === kept[each.name]);
    for (const each of mine) {
      if (!(each.name in kept)) continue;
      if (isTick(each) && !offered(each)) continue; // The rule has other answers now: then it stays open.
      if (isTick(each)) each.checked = kept[each.name] === each.value;
      else if (!each.value) each.value = String(kept[each.name]);
      const fold = each.closest("details");
      if (fold && each.value) fold.open = true;
    }
    words.textContent = "Filled in as you left it on this device.";
    notice.hidden = false;
  }

  if ("sent" in form.dataset) keep();
  else restore();
  form.addEventListener("change", keep);
  form.querySelector("[data-forget]").addEventListener("click", forget);
}
