// Kept reports on their way to the hub: one after the other, by one window or the worker at a time, each of them once.
// The report's own secret goes with every sending; the hub keeps the receipt under it and gives it again.
import { all, change, find, forget, KEPT_FOR, put } from "./outbox.js";
import { sendFile } from "./pieces.js";

const LOCK = "hub-unsent";
const LONGEST_WAIT = 60000;

/** Send all that waits; gives whether some waits on, and how many seconds the hub wants to be left alone. */
export function deliver() {
  return alone(deliverAll);
}

/** Have the browser send when the line is back, even when no page is open, where it can. */
export async function askForLine() {
  try {
    const registration = self.registration || (await navigator.serviceWorker.getRegistration());
    if (registration && registration.sync) await registration.sync.register("hub-unsent");
  } catch {
    // The next page that is opened with a line sends it.
  }
}

/** Do something while no report is being sent. */
export function alone(work) {
  // The few browsers without locks rely on the hub, which sends a report once in any case.
  return navigator.locks ? navigator.locks.request(LOCK, work) : work();
}

/** Whether one window or the worker is sending at this moment. */
export async function isBusy() {
  if (!navigator.locks || navigator.onLine === false) return false;
  return (await navigator.locks.query()).held.some(({ name }) => name === LOCK);
}

async function deliverAll() {
  const tried = new Set();
  let after = 0;
  while (navigator.onLine !== false) {
    const waiting = (await all()).filter((each) => each.state === "waiting" && !tried.has(each.id));
    // What is words alone is not kept back by another's photos.
    const next = waiting.find((each) => each.files.every((file) => file.sent)) || waiting[0];
    if (!next) break;
    tried.add(next.id);
    const later = await deliverOne(next);
    if (later) after = Math.max(after, later.after);
    // Without a line the others need not be tried.
    if (later && later.isCut) break;
  }
  return { waits: (await all()).some((each) => each.state === "waiting"), after };
}

/** Send one report; gives nothing once it is settled, and otherwise why it waits on. */
async function deliverOne(report, isAgain = false) {
  // The hub remembers for a week that it has got a report. After that nobody would notice that it comes again.
  if (report.tried && Date.now() - report.tried > KEPT_FOR) {
    return settle(report, { state: "attention", because: "unknown", why: [], opens: false, tried: null });
  }
  if (!report.tried || report.files.some((file) => !file.sent)) {
    // The hub has to know the report before its files, and whether it has it already.
    const answer = await post(report, "no");
    if (answer.state !== "kept") return took(report, answer);
    const { later, refused, isGone } = await sendFiles(report, report.files);
    if (later || isGone) return later;
    if (refused.length) return settle(report, { state: "attention", because: "files", why: refused, opens: true });
  }
  // From here on it may have arrived without this device knowing.
  report.tried ||= Date.now();
  if (!(await change(report.id, { tried: report.tried }))) return null;
  const answer = await post(report, "yes");
  if (answer.state !== "files") return took(report, answer);
  // It has been forgotten there in the meantime, so it has not been sent: all of it goes once more.
  await sendAgain(report);
  return isAgain ? { after: 0 } : deliverOne(report, true);
}

/** Send files that the hub has not; gives what it refused of them, or why the rest waits. */
async function sendFiles(report, files) {
  const refused = [];
  for (const file of files.filter((each) => !each.sent)) {
    const told = await sendWhole(report, file);
    if (told.later) return { later: told.later, refused };
    if (told.id) file.sent = told.id;
    else refused.push([file.name, told.refused].filter(Boolean).join(": "));
    if (!(await change(report.id, { files: report.files }))) return { isGone: true, refused };
  }
  return { refused };
}

/** Have all files go once more, under the same secret. */
async function sendAgain(report) {
  for (const file of report.files) delete file.sent;
  report.tried = null;
  await change(report.id, { files: report.files, tried: null });
}

/** One file as the hub answers to it; `later` where it goes on from there the next time. */
async function sendWhole(report, file) {
  const stop = new AbortController();
  const { content, name, type } = file;
  const blob = new File([content], name, { type, lastModified: content.lastModified || 1 });
  let broken = { status: 0, after: 0 };
  try {
    const told = await sendFile(`${report.path}/upload`, file.question, blob, {
      headers: { "Hub-Report": report.secret },
      signal: stop.signal,
      waiting: (why, answer) => {
        if (!why) return;
        broken = answer;
        stop.abort();
      },
    });
    // More than is taken in a day: tomorrow it is.
    return told.status === 429 ? { later: { after: secondsOf(told.after) } } : told;
  } catch {
    return { later: { isCut: !broken.status, after: secondsOf(broken.after) } };
  }
}

/** Make a report that needs its citizen the one under way page by page; gives its address, or nothing if that failed. */
export function handOver(report) {
  return alone(async () => {
    let answer = await post(report, "open");
    if (answer.state === "files") {
      const before = report.files.filter((file) => file.sent);
      await sendAgain(report);
      answer = await post(report, "no");
      const { later } = answer.state === "kept" ? await sendFiles(report, before) : {};
      if (later) return { isLater: true };
      if (answer.state === "kept") answer = await post(report, "open");
    }
    if (answer.state === "open") {
      // The hub has all of it now, and this browser opens it.
      await forget(report.id);
      return { at: answer.at };
    }
    return { isLater: Boolean(await took(report, answer)) };
  });
}

async function post(report, send) {
  const body = new URLSearchParams(report.fields);
  body.append("form", report.form);
  body.append("send", send);
  if (report.continues) body.append("continues", report.continues);
  for (const file of report.files) if (file.sent) body.append(`files.${file.question}`, file.sent);
  const away = new AbortController();
  const late = setTimeout(() => away.abort(), LONGEST_WAIT);
  try {
    const answer = await fetch(`${report.path}/offline`, {
      method: "POST",
      body,
      headers: { "Hub-Report": report.secret, Accept: "application/json" },
      signal: away.signal,
    });
    const { status } = answer;
    // 409: another window is at it in this moment.
    if ([408, 409, 429].includes(status) || status >= 500) return { state: "later", after: secondsOf(answer.headers.get("Retry-After")) };
    if (!/json/.test(answer.headers.get("Content-Type") || "")) {
      // Only the hub itself says what became of a report: a network that asks for a sign-in first says nothing.
      const isHub = answer.headers.has("X-Request-Id");
      return isHub && status >= 400 ? { state: "attention", because: status === 404 ? "gone" : "refused" } : { state: "later" };
    }
    return await answer.json();
  } catch {
    return { state: "later", isCut: true };
  } finally {
    clearTimeout(late);
  }
}

function secondsOf(after) {
  return Math.min(Number(after) || 0, 3600);
}

/** Settle what the hub answered; gives why it waits on where it gave no answer that settles anything. */
function took(report, answer) {
  if (["later", "files"].includes(answer.state)) return { isCut: Boolean(answer.isCut), after: answer.after || 0 };
  if (answer.state === "sent") {
    const { id, path, language, title, at } = report;
    const { number, pin, link } = answer;
    // Nothing of what it said stays on the device.
    return settle(report, { id, path, language, title, at, number, pin, link, state: "sent", sent: Date.now() }, true);
  }
  return settle(report, { state: "attention", because: answer.because || "", why: answer.why || [], opens: Boolean(answer.opens), tried: null });
}

async function settle(report, changes, whole = false) {
  if (!(await find(report.id))) return null;
  if (whole) await put(changes);
  else await change(report.id, changes);
  return null;
}
