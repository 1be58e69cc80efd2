// SPDX-License-Identifier: Apache-2.0
// Shows how far an upload is, and says what is wrong before anything is sent. Without this script the same
// form does the same by itself.
const form = document.querySelector("form[data-upload]");
const file = form?.querySelector("input[type=file]");

if (form && file) {
  const progress = form.querySelector("[data-progress]");
  const bar = progress.querySelector("progress");
  const words = progress.querySelector("[data-words]");
  const problem = form.querySelector("[data-problem]");
  const button = form.querySelector("button[type=submit]");
  const most = Number(form.dataset.most);
  const mb = (bytes) => `${(bytes / 1048576).toFixed(bytes < 10485760 ? 1 : 0)} MB`;
  let told = -1;

  const refuse = (text) => {
    problem.textContent = text;
    problem.hidden = !text;
    progress.hidden = true;
    button.disabled = false;
  };

  const fits = () => {
    const chosen = file.files[0];
    const isTooLarge = chosen && chosen.size > most;
    refuse(isTooLarge ? `This file is ${mb(chosen.size)}; up to ${mb(most)} fit. Choose another one.` : "");
    return !isTooLarge;
  };
  file.addEventListener("change", fits);

  form.addEventListener("submit", (event) => {
    if (!file.files.length) return;
    event.preventDefault();
    if (!fits()) {
      file.focus();
      return;
    }
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRF-Token", document.querySelector("meta[name=csrf]").content);
    request.upload.addEventListener("progress", (step) => {
      const part = step.lengthComputable ? Math.round((step.loaded / step.total) * 100) : 0;
      bar.value = part;
      if (part === 100) words.textContent = "Uploaded. Taking out what tells about people …";
      else if (part - told >= 10) words.textContent = `Uploading: ${mb(step.loaded)} of ${mb(step.total)}`;
      told = part - told >= 10 ? part : told;
    });
    request.addEventListener("load", () => {
      const answer = request.response;
      if (request.status === 200 && answer?.go) location.assign(answer.go);
      else if (request.status === 401) refuse("You are signed out. Sign in in another window, then open this page again; your text is safe.");
      else refuse(answer?.detail || "It did not work. Nothing is lost: please try once more.");
    });
    request.addEventListener("error", () => refuse("The connection was lost. Nothing was stored in part: press the button once more."));
    told = -1;
    problem.hidden = true;
    progress.hidden = false;
    words.textContent = "Uploading";
    bar.value = 0;
    button.disabled = true;
    request.send(new FormData(form));
  });
}
