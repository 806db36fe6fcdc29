// The reports that wait on this device: sent from whatever page is open, and listed on a page of their own.
import { askForLine, deliver, handOver, isBusy } from "./delivering.js";
import { all, change, find, flag, forget, listen, tidy } from "./outbox.js";

const SHORTEST_WAIT = 5000;
const LONGEST_WAIT = 600000;

const page = document.querySelector("[data-unsent-page]");

/** Send what waits, now and whenever the line comes back while this page is open. */
export function sendNow() {
  addEventListener("online", () => {
    failures = 0;
    send();
  });
  return send();
}

let failures = 0;
let again;

async function send() {
  try {
    await tidy();
    flag((await all()).length > 0);
    const { waits, after } = await deliver();
    failures = waits ? failures + 1 : 0;
    clearTimeout(again);
    if (waits) {
      // Not only a line that is back: a hub that was busy, or a line that is there again without anybody saying so.
      const grown = Math.min(SHORTEST_WAIT * 2 ** (failures - 1), LONGEST_WAIT);
      again = setTimeout(send, Math.max(grown * (0.75 + Math.random() / 2), after * 1000));
      await askForLine();
    }
    return !waits;
  } catch {
    // The browser keeps nothing for us, such as in a private window that was closed.
    return false;
  }
}

if (page && typeof indexedDB !== "undefined") {
  page.querySelector("[data-without-scripts]").hidden = true;
  page.querySelector("[data-with-scripts]").hidden = false;
  const said = page.querySelector("[data-said]");
  page.querySelector("[data-send-now]").addEventListener("click", async () => {
    if (!(await send())) said.textContent = said.dataset.noLine;
  });
  let shown = "";
  let next = Promise.resolve();
  const look = () => (next = next.then(async () => {
    const isSending = await isBusy();
    const reports = (await all()).map((each) => ({ ...each, state: isSending && each.state === "waiting" ? "sending" : each.state }));
    // What has not changed is left alone: somebody may be reading it, or be about to press a button.
    const now = JSON.stringify(reports.map(({ id, state, because, why, number, at, tried }) => [id, state, because, why, number, at, tried]));
    if (now !== shown) list(reports);
    shown = now;
    await sawReceipts(reports);
  }).catch(() => {
    page.querySelector("[data-refused]").hidden = false;
  }));
  listen(look);
  document.addEventListener("visibilitychange", look);
  tidy().catch(() => {}).then(look).then(() => Promise.all([sendNow(), look()])).then(look);
}

/** From when a receipt was seen on, it stays for an hour; a page behind others is not seen. */
async function sawReceipts(reports) {
  if (document.visibilityState !== "visible") return;
  for (const { id, state, seen } of reports) if (state === "sent" && !seen) await change(id, { seen: Date.now() });
}

function list(reports) {
  page.querySelector("[data-none]").hidden = reports.length > 0;
  page.querySelector("[data-some]").hidden = !reports.length;
  page.querySelector("[data-waits]").hidden = reports.every((each) => each.state === "sent");
  page.querySelector("[data-send-now]").hidden = !reports.some((each) => each.state === "waiting");
  page.querySelector("[data-list]").replaceChildren(...reports.map(shownReport));
  flag(reports.length > 0);
}

function shownReport(report) {
  const { content } = page.querySelector("#unsent-item");
  const shown = content.cloneNode(true).firstElementChild;
  const part = (name) => shown.querySelector(`[data-${name}]`);
  part("title").textContent = report.title;
  part("when").textContent = written(new Date(report.at));
  part("state").textContent = words("state-of", report.state);
  part("state").dataset.color = { waiting: "info", sending: "info", attention: "warning", sent: "success" }[report.state];
  if (report.state === "sent") showReceipt(report, shown, part);
  else showUnsent(report, shown, part);
  return shown;
}

function showReceipt({ id, number, pin, link }, shown, part) {
  for (const name of ["receipt", "receipt-note", "follow", "forget"]) part(name).hidden = false;
  part("number").replaceChildren(...number.split("-").flatMap((group, at) => [...(at ? ["-"] : []), bdi(digits(group))]));
  part("pin").textContent = digits(pin);
  part("follow").href = link;
  part("delete").remove();
  for (const name of ["words", "files"]) part(name).remove();
  part("forget").addEventListener("click", () => forget(id));
}

function showUnsent(report, shown, part) {
  part("words").append(bdi(report.fields.find(([name]) => name === "words.answers.description")?.[1] ?? "", "hub-said"));
  if (report.files.length) part("files").append(words("count-of", "file"), " ", ...named(report.files));
  else part("files").remove();
  const why = part("why");
  if (report.state === "attention") {
    why.hidden = false;
    const told = document.createElement("p");
    told.textContent = words("because", report.because) || words("because", "refused");
    const reasons = document.createElement("ul");
    reasons.className = "ds-list";
    reasons.append(...(report.why || []).map((each) => Object.assign(document.createElement("li"), { textContent: each })));
    why.append(told, ...(report.why?.length ? [reasons] : []));
    if (report.because === "gone") why.append(allOf(report));
  }
  part("open").hidden = !(report.state === "attention" && report.opens);
  part("open").addEventListener("click", async () => {
    const { at, isLater } = await handOver(report);
    if (at) location.assign(at);
    const said = page.querySelector("[data-said]");
    said.textContent = isLater ? said.dataset.noLine : "";
  });
  part("other").hidden = report.because !== "another";
  part("other").href = report.path;
  // What may be at the hub is not changed here any more.
  part("edit").hidden = Boolean(report.tried) || ["sent-before", "gone"].includes(report.because);
  part("edit").href = `${report.path}/offline#${report.id}`;
  part("on-its-way").hidden = !report.tried && report.because !== "unknown";
  part("delete").addEventListener("click", () => {
    part("sure").hidden = false;
    part("leave").focus();
  });
  part("leave").addEventListener("click", () => {
    part("sure").hidden = true;
    part("delete").focus();
  });
  part("delete-surely").addEventListener("click", async () => {
    const there = await find(report.id);
    // Since the question was asked it has gone on its way: it is asked anew, in other words.
    if (there && Boolean(there.tried) !== Boolean(report.tried)) return;
    await forget(report.id);
    const said = page.querySelector("[data-said]");
    said.textContent = said.dataset.deleted;
  });
}

/** All that was written, where its page is no more. */
function allOf({ told }) {
  const list = document.createElement("dl");
  for (const [question, answer] of told || []) {
    const asked = document.createElement("dt");
    asked.textContent = question;
    const answered = document.createElement("dd");
    answered.append(bdi(answer, "hub-said"));
    list.append(asked, answered);
  }
  return list;
}

function named(files) {
  return files.flatMap(({ name }, at) => [...(at ? [document.documentElement.lang === "ar" ? "، " : ", "] : []), bdi(name)]);
}

function bdi(text, kind = "") {
  const element = document.createElement("bdi");
  if (kind) element.className = kind;
  element.textContent = text;
  return element;
}

function words(kind, name) {
  const { content } = page.querySelector("#unsent-words");
  return content.querySelector(`[data-${kind}="${name}"]`)?.textContent ?? "";
}

function written(moment) {
  const language = document.documentElement.lang === "ar" ? "ar-EG-u-nu-arab" : "en-GB";
  return new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" }).format(moment);
}

function digits(text) {
  if (document.documentElement.lang !== "ar") return text;
  return text.replace(/[0-9]/g, (digit) => String.fromCharCode(0x660 + Number(digit)));
}
