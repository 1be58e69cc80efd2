// SPDX-License-Identifier: Apache-2.0
// Saves while somebody writes. What is not on the server yet lies in this browser, so that nothing typed is
// lost: not by a lost connection, not by a sign-in that has run out, not by a closed window. Without this
// script the same form saves by its button.
const form = document.querySelector("form[data-workspace]");
const PAUSE = 1200; // ms without a key before an answer is saved
const RETRIES = [3000, 10000, 30000, 60000]; // ms between tries while the server cannot be reached

if (form) {
  const notice = form.querySelector("[data-offline]");
  const status = form.querySelector("[data-status]");
  const meta = document.querySelector("meta[name=csrf]");
  const fields = [...form.querySelectorAll("[data-place]")].map(field);

  function field(box) {
    const area = box.querySelector("textarea");
    return {
      box,
      area,
      place: box.dataset.place,
      base: box.querySelector("[data-base]"),
      digest: box.querySelector("[data-digest]"),
      saved: box.querySelector("[data-saved]"),
      words: box.querySelector("[data-words]"),
      key: `hallmark:${form.dataset.work}:${box.dataset.place}`,
      kept: tidy(area.value),
      timer: 0,
      tries: 0,
      saving: null,
    };
  }

  function tidy(text) {
    return text.replace(/\r\n?/g, "\n").normalize("NFC").trimEnd();
  }

  // -- the copy in this browser -------------------------------------------------------------------------

  function keepCopy(it) {
    try {
      localStorage.setItem(it.key, JSON.stringify({ text: it.area.value, base: it.base.value }));
    } catch {
      // No room, or not allowed: the server's copy is then the only one, as without a script.
    }
  }

  function dropCopy(it) {
    try {
      localStorage.removeItem(it.key);
    } catch {
      // As above.
    }
  }

  function findCopy(it) {
    try {
      return JSON.parse(localStorage.getItem(it.key));
    } catch {
      return null;
    }
  }

  function restore(it) {
    const copy = findCopy(it);
    if (!copy || typeof copy.text !== "string") return;
    if (tidy(copy.text) === it.kept) {
      dropCopy(it);
    } else if (copy.base === it.base.value) {
      it.area.value = copy.text;
      count(it);
      it.digest.value = "";
      say(it, "Restored from this device.");
      save(it);
    } else {
      const theirs = it.area.value;
      it.area.value = copy.text;
      it.digest.value = "";
      conflict(it, theirs, it.base.value);
    }
  }

  // -- saving -------------------------------------------------------------------------------------------

  function touched(it) {
    it.digest.value = ""; // The form must not take this text for untouched, whatever it becomes.
    keepCopy(it);
    count(it);
    it.tries = 0;
    say(it, "…");
    later(it, PAUSE);
  }

  function later(it, ms) {
    clearTimeout(it.timer);
    it.timer = setTimeout(() => save(it), ms);
  }

  async function save(it) {
    clearTimeout(it.timer);
    if (it.saving || it.theirs !== undefined) return;
    if (tidy(it.area.value) === it.kept) {
      dropCopy(it);
      return;
    }
    it.saving = bring(it, it.area.value);
    await it.saving;
    it.saving = null;
  }

  async function bring(it, text) {
    try {
      let answer = await send(it, text);
      if (answer.status === 403 && (await freshToken())) answer = await send(it, text);
      await judge(it, text, answer);
    } catch {
      again(it, "No connection. What you write is kept on this device, and saved when the connection is back.");
    }
  }

  // A button leads away only when nothing is left in this browser: its page would be the last that looks here.
  async function leave(event) {
    if (!fields.some(findCopy)) return;
    event.preventDefault();
    for (const it of fields) await it.saving;
    await Promise.all(fields.map(save));
    const left = fields.find(findCopy);
    if (left) left.area.focus();
    else form.requestSubmit(event.submitter);
  }

  function send(it, text) {
    const body = new FormData();
    body.append("place", it.place);
    body.append("text", text);
    body.append("base", it.base.value);
    return fetch(form.dataset.save, {
      method: "POST",
      body,
      redirect: "manual",
      headers: { Accept: "application/json", "X-CSRF-Token": meta.content },
    });
  }

  async function judge(it, text, answer) {
    if (answer.status === 401 || answer.type === "opaqueredirect" || answer.status === 403) {
      signIn();
      say(it, "kept on this device");
      return;
    }
    if (answer.status === 429 || answer.status >= 500) {
      again(it, "We cannot be reached at the moment. What you write is kept on this device and saved later.");
      return;
    }
    const told = await answer.json();
    if (answer.ok) {
      it.base.value = String(told.revision);
      it.kept = tidy(text);
      it.tries = 0;
      hush();
      fault(it, "");
      say(it, `saved ${told.saved}`);
      status.textContent = told.gaps ? `saved ${told.saved}, ${told.gaps} still open in all` : `saved ${told.saved}, everything is there`;
      if (tidy(it.area.value) === it.kept) dropCopy(it);
      else later(it, PAUSE);
    } else if (answer.status === 409 && told.theirs !== undefined) {
      conflict(it, told.theirs, String(told.revision));
    } else {
      fault(it, told.detail);
      say(it, "not saved; kept on this device");
    }
  }

  function again(it, words) {
    tell(words);
    say(it, "kept on this device");
    later(it, RETRIES[Math.min(it.tries, RETRIES.length - 1)]);
    it.tries += 1;
  }

  // The page may be older than the sign-in; a new copy of it carries the token of the present one.
  async function freshToken() {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    if (answer.redirected || !answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("meta[name=csrf]");
    if (!found || found.content === meta.content) return false;
    meta.content = found.content;
    for (const input of document.querySelectorAll("input[name=csrf]")) input.value = found.content;
    return true;
  }

  // -- words --------------------------------------------------------------------------------------------

  function count(it) {
    const number = (it.area.value.match(/[\p{L}\p{N}_]+(?:['’-][\p{L}\p{N}_]+)*/gu) || []).length;
    it.words.textContent = `${number.toLocaleString("en")} word${number === 1 ? "" : "s"}`;
  }

  function say(it, words) {
    it.saved.textContent = words;
  }

  function tell(words, link) {
    notice.replaceChildren(document.createTextNode(words));
    if (link) notice.append(" ", link);
    notice.hidden = false;
  }

  function hush() {
    notice.hidden = true;
  }

  function signIn() {
    const link = document.createElement("a");
    link.href = `/sign-in?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = "Sign in to go on.";
    tell("Your draft is safe.", link);
  }

  function fault(it, words) {
    let place = it.box.querySelector(".fault");
    if (!words) {
      if (place) place.remove();
      it.area.removeAttribute("aria-invalid");
      return;
    }
    if (!place) {
      place = document.createElement("span");
      place.className = "fault";
      place.setAttribute("role", "alert");
      it.area.before(place);
    }
    it.area.setAttribute("aria-invalid", "true");
    place.textContent = words;
  }

  // -- changed elsewhere --------------------------------------------------------------------------------

  function conflict(it, theirs, revision) {
    it.theirs = theirs;
    keepCopy(it);
    const panel = document.createElement("div");
    panel.className = "notice warn conflict";
    panel.setAttribute("role", "alert");
    const words = document.createElement("p");
    words.textContent = "This was changed elsewhere. Above is yours, below is what was saved there. Which one stays?";
    const other = document.createElement("textarea");
    other.readOnly = true;
    other.rows = 6;
    other.value = theirs;
    other.setAttribute("aria-label", "Saved elsewhere");
    panel.append(
      words,
      other,
      choice("Keep mine", () => settle(it, panel, it.area.value, revision)),
      " ",
      choice("Take theirs", () => settle(it, panel, theirs, revision, true)),
    );
    it.box.append(panel);
    say(it, "not saved: changed elsewhere");
  }

  function choice(words, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet small";
    button.textContent = words;
    button.addEventListener("click", act);
    return button;
  }

  function settle(it, panel, text, revision, isTheirs = false) {
    panel.remove();
    delete it.theirs;
    it.base.value = revision;
    it.area.value = text;
    if (isTheirs) it.kept = tidy(text);
    else it.kept = null;
    count(it);
    say(it, "");
    it.area.focus();
    save(it);
  }

  for (const it of fields) {
    it.area.addEventListener("input", () => touched(it));
    it.area.addEventListener("blur", () => save(it));
    restore(it);
  }
  form.addEventListener("submit", leave);
  addEventListener("online", () => fields.forEach(save));
  // Coming back by the browser's button shows an old page: what it shows may be older than what is saved.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}
