// What pages of a report do by themselves where scripts run: keep what is typed, send files at once, find the place.
import { goOnWithoutALine } from "./interrupted.js";
import { findDistricts, locate } from "./locating.js";
import { forgetWhenOver, keepTyping } from "./typing.js";
import { uploadAtOnce } from "./uploading.js";

forgetWhenOver(document);
goOnWithoutALine(document);
keepTyping(document);
uploadAtOnce(document);
locate(document);
findDistricts(document);
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
