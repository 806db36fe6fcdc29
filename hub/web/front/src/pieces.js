// One file on its way to a report, in pieces: a broken line costs no more than one of them. The hub finds what has
// arrived by the file itself, in the report of this browser, so it goes on after a reload and after a killed browser.

const KIBIBYTE = 1024;
const FIRST_PIECE = 256 * KIBIBYTE;
const LEAST_PIECE = 64 * KIBIBYTE;
const LARGEST_PIECE = 4096 * KIBIBYTE;
// The hub takes at most so many pieces of one file, with room for those that are cut small on a bad line.
const MOST_PIECES = 300;
// A piece that is through sooner may be followed by a larger one, a piece that takes longer by a smaller one.
const SOON = 2000;
const LATE = 10000;
const SHORTEST_WAIT = 1000;
const LONGEST_WAIT = 60000;
// A line over which nothing has moved for so long is a broken one.
const SILENCE = 60000;
// Where nobody sees whether anything moves, a request may take so long.
const LONGEST_UNSEEN = 180000;
// What is larger is not read as a whole: no phone has the memory.
const MOST_READ_WHOLE = 64 * 1024 * KIBIBYTE;

/**
 * Send one file to a report, at the address `to`, as an answer to a question; goes on until it is there.
 *
 * `progress(share)` is told how much has arrived, from 0 to 1; `waiting(why)` is told "offline" or "broken" when it
 * waits for the line (with the answer that was none), and null when it goes on. Gives `{id, name, place}`, or `{refused}` with the hub's sentence, which
 * is empty where it gave none; then `unreadable` says whether it is the device that cannot read the file any more.
 * `headers` go with each piece. Rejects with an `AbortError` when `signal` is aborted; what has arrived stays there.
 */
export async function sendFile(to, question, file, { progress, waiting, signal, headers = {} } = {}) {
  const about = await describe(question, file);
  const least = Math.max(LEAST_PIECE, Math.ceil(file.size / MOST_PIECES));
  let most = LARGEST_PIECE;
  let length = Math.max(least, FIRST_PIECE);
  let at = 0;
  // Of a file that takes several pieces the hub is asked first how much it has of it, as after each broken line.
  let asks = file.size > length;
  let failures = 0;
  let isWaiting = false;
  for (;;) {
    if (signal && signal.aborted) throw aborted();
    const piece = asks ? null : file.slice(at, at + length);
    const begun = Date.now();
    const answer = await post(to, formOf(about, at, piece, file.name), { signal, headers }, (share) => {
      if (piece && progress) progress((at + share * piece.size) / file.size);
    });
    const told = answer.told || {};
    if (answer.status === 200 && told.id) return told;
    if (told.refused) return { refused: told.refused, status: answer.status, after: answer.after };
    if (Number.isInteger(told.received)) {
      if (isWaiting && waiting) waiting(null);
      isWaiting = false;
      // Only a piece that came through shows that the line bears pieces again.
      if (answer.status !== 200) failures += 1;
      else if (piece) failures = 0;
      // This hub takes smaller pieces than we thought.
      if (told.most) most = told.most;
      if (piece && answer.status === 200) length = next(length, least, Date.now() - begun);
      length = Math.min(length, most);
      at = told.received;
      asks = false;
      if (progress) progress(at / file.size);
      // Two windows that send the same file get into each other's way for a while.
      if (answer.status !== 200) await wait(failures, signal);
      continue;
    }
    if (!mayHelpToWait(answer.status)) return { refused: "", unreadable: false };
    if (!answer.status && !(await isReadable(file))) return { refused: "", unreadable: true };
    failures += 1;
    length = Math.min(Math.max(least, Math.floor(length / 2)), most);
    asks = true;
    isWaiting = true;
    if (waiting) waiting(isOffline() ? "offline" : "broken", answer);
    await wait(failures, signal, answer.after);
  }
}

/** Have the hub forget what has arrived of a file, because its citizen wants it no more. */
export async function takeBack(to, question, file) {
  await post(`${to}/cancel`, formOf(await describe(question, file), 0, null, file.name));
}

async function describe(question, file) {
  const sha256 = await digest(file);
  return { question, name: file.name, size: file.size, sha256, stamp: sha256 ? "" : file.lastModified || "" };
}

/** The file's SHA-256 in hex; empty on pages that came without TLS, where browsers do not reckon it. */
async function digest(file) {
  if (!globalThis.crypto || !crypto.subtle || file.size > MOST_READ_WHOLE) return "";
  try {
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    return Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");
  } catch {
    // It cannot be read any more; sending it will say so.
    return "";
  }
}

function formOf(about, offset, piece, name) {
  const form = new FormData();
  for (const [key, value] of Object.entries(about)) form.append(key, value);
  form.append("offset", offset);
  if (piece) form.append("piece", piece, name);
  return form;
}

function next(length, least, took) {
  if (took < SOON) return length * 2;
  return took > LATE ? Math.max(Math.floor(length / 2), least) : length;
}

function mayHelpToWait(status) {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

/** A file that was changed or moved since it was chosen fails like a broken line. */
async function isReadable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

function isOffline() {
  return navigator.onLine === false;
}

/** Send a form; a line that breaks answers with status 0. */
function post(to, form, { signal, headers = {} } = {}, progress) {
  const sent = { Accept: "application/json", ...headers };
  return typeof XMLHttpRequest === "undefined" ? postQuietly(to, form, signal, sent) : postTelling(to, form, signal, sent, progress);
}

function postTelling(to, form, signal, headers, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", to);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    let silent;
    const stop = () => request.abort();
    const listen = () => {
      clearTimeout(silent);
      silent = setTimeout(stop, SILENCE);
    };
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      listen();
      if (progress && total) progress(loaded / total);
    });
    request.addEventListener("progress", listen);
    request.addEventListener("loadend", () => {
      clearTimeout(silent);
      if (signal) signal.removeEventListener("abort", stop);
      if (signal && signal.aborted) reject(aborted());
      else resolve({ status: request.status, told: read(request.responseText), after: request.getResponseHeader("Retry-After") });
    });
    if (signal) signal.addEventListener("abort", stop);
    listen();
    request.send(form);
  });
}

/** The same for workers, which have no way to see how a request gets on. */
async function postQuietly(to, form, signal, headers) {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  const silent = setTimeout(stop, LONGEST_UNSEEN);
  if (signal) signal.addEventListener("abort", stop);
  try {
    const response = await fetch(to, { method: "POST", body: form, signal: stopping.signal, headers });
    return { status: response.status, told: read(await response.text()), after: response.headers.get("Retry-After") };
  } catch {
    if (signal && signal.aborted) throw aborted();
    return { status: 0, told: null, after: null };
  } finally {
    clearTimeout(silent);
    if (signal) signal.removeEventListener("abort", stop);
  }
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Wait longer after each failure, as long as the hub asks for, or until the line comes back. */
function wait(failures, signal, after) {
  const grown = Math.min(SHORTEST_WAIT * 2 ** (failures - 1), LONGEST_WAIT);
  // Phones that lost the same line do not all come back at the same moment.
  const spread = grown * (0.75 + Math.random() / 2);
  const time = Math.max(spread, Math.min(Number(after) || 0, 600) * 1000);
  return new Promise((resolve, reject) => {
    const over = () => {
      clearTimeout(timer);
      globalThis.removeEventListener("online", over);
      if (signal) signal.removeEventListener("abort", over);
      if (signal && signal.aborted) reject(aborted());
      else resolve();
    };
    const timer = setTimeout(over, time);
    globalThis.addEventListener("online", over);
    if (signal) signal.addEventListener("abort", over);
  });
}

function aborted() {
  return new DOMException("The sending was stopped.", "AbortError");
}
