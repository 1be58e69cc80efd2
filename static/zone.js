// SPDX-License-Identifier: Apache-2.0
// Chooses the browser's own time zone where nobody has chosen one; without this script New York stands there.

const field = document.getElementById("zone");
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
const untouched = field && field.selectedOptions[0]?.defaultSelected && !document.getElementById("summary");
if (untouched && [...field.options].some((option) => option.value === own)) {
  field.value = own;
}
