// SPDX-License-Identifier: Apache-2.0
// An extra for the verifier's form: a file may be dropped anywhere on it. Choosing it by the button stays.
const form = document.querySelector("form.ways");
const field = form?.querySelector("input[type=file]");
if (form && field) {
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("dropping");
  });
  form.addEventListener("dragleave", () => form.classList.remove("dropping"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("dropping");
    if (event.dataTransfer.files.length) {
      field.files = event.dataTransfer.files;
      field.focus();
    } else {
      form.elements.text.value = event.dataTransfer.getData("text");
    }
  });
}
