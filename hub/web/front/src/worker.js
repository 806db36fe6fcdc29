// The service worker: keeps what is needed to write a report without a line, and sends kept reports when the line is
// back. It keeps no page that is anybody's own: only those listed here, which it fetches itself, without cookies.
import { askForLine, deliver } from "./delivering.js";

// All that is kept belongs together: the files of one making of the hub and pages that name no others.
const CACHE = `hub ${BUILT.version}`;
const PREFIX = "hub ";
const MOST_REPORTS = 20;
const FRESH_FOR = 24 * 3600 * 1000;
const ASKED_AGAIN_AFTER = 3600 * 1000;
// Somebody who gets no answer for so long has a line in name only.
const LONGEST_WAIT = 20000;
// Behind the pages there is more time.
const LONGEST_BEHIND = 60000;
// When the hub was asked last whether it wants a worker.
const ASKED = "/worker.js";
const LANGUAGES = { ar: "arabic", en: "latin" };
const SHELLS = Object.keys(LANGUAGES).flatMap((language) => [`/${language}/offline`, `/${language}/unsent`]);
const OF_REPORT = /^(\/(ar|en)\/agencies\/[^/]+\/services\/[^/]+\/report)(\/|$)/;
const OFFLINE_REPORT = /^\/(ar|en)\/agencies\/[^/]+\/services\/[^/]+\/report\/offline$/;
const OWN = new Set(Object.values(BUILT.files).map((name) => `/assets/${name}`));
const SMALL = /\.(css|js|webmanifest)$|^(icon-|favicon).*\.svg$/;
const NOT_FOR_CITIZENS = /^(staff|map)/;

let isGoing = false;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(visit(event, pathname));
  else if (OWN.has(pathname) && !isGoing) event.respondWith(file(pathname));
});
self.addEventListener("message", (event) => {
  if (event.data && event.data.go) event.waitUntil(go());
  if (event.data && OFFLINE_REPORT.test(event.data.keep)) event.waitUntil(keepReport(event.data.keep));
});
self.addEventListener("sync", (event) => {
  if (event.tag === "hub-unsent") event.waitUntil(sendAll(event));
});

/** All that is wanted is fetched first, beside what is there; what came stays for the next try where the line breaks. */
async function install() {
  const cache = await caches.open(CACHE);
  await Promise.all(smallFiles().map(fileOrFail));
  for (const path of [...SHELLS, ...(await reportsKept())]) {
    if (!(await cache.match(path)) && !(await keep(cache, path))) throw new Error(`not kept: ${path}`);
  }
  await self.skipWaiting();
}

/** Pages wait for this: nothing is fetched here. */
async function activate() {
  for (const name of await caches.keys()) if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
  if (self.registration.navigationPreload) await self.registration.navigationPreload.enable();
  await self.clients.claim();
}

/** The reports whose pages were kept so far, with files of whatever making. */
async function reportsKept() {
  const reports = new Set();
  for (const name of (await caches.keys()).filter((each) => each.startsWith(PREFIX))) {
    for (const { url } of await (await caches.open(name)).keys()) {
      if (OFFLINE_REPORT.test(new URL(url).pathname)) reports.add(new URL(url).pathname);
    }
  }
  return [...reports].slice(-MOST_REPORTS);
}

/** Send what waits; the browser tries again where that fails, and is asked to where it would stop. */
async function sendAll(event) {
  const { waits } = await deliver();
  if (!waits) return;
  if (event.lastChance) return askForLine();
  throw new Error("some wait on");
}

/** A page: the hub's own answer whenever there is one. */
async function visit(event, path) {
  const hub = answerOf(event);
  event.waitUntil(hub.then(afterAnswer, () => {}));
  try {
    return await Promise.race([hub, tooLate()]);
  } catch {
    const kept = await instead(path);
    if (kept) return kept;
    return hub;
  }
}

async function answerOf(event) {
  return (await event.preloadResponse) || fetch(event.request);
}

function tooLate() {
  return new Promise((_, reject) => setTimeout(reject, LONGEST_WAIT));
}

/** What is shown of a page that cannot be had: the whole of a report's questions, or what can be done meanwhile. */
async function instead(path) {
  const cache = await caches.open(CACHE);
  const report = OF_REPORT.exec(path);
  // Whether a report that was just sent has arrived, nobody knows here: it is not begun anew in its place.
  const isSending = /\/report\/(review|receipt)$/.test(path);
  const language = path.startsWith("/en") ? "en" : "ar";
  const wanted = report && !isSending ? `${report[1]}/offline` : SHELLS.includes(path) ? path : null;
  return (wanted && (await cache.match(wanted))) || cache.match(`/${language}/offline`);
}

async function file(path) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(path);
  if (kept) return kept;
  const answer = await fetch(path);
  if (answer.ok && !isGoing) await cache.put(path, answer.clone());
  return answer;
}

async function fileOrFail(path) {
  const cache = await caches.open(CACHE);
  if (await cache.match(path)) return;
  await inTime(async (signal) => {
    const answer = await fetch(path, { signal });
    if (!answer.ok) throw new Error(`not there: ${path}`);
    await cache.put(path, answer);
  });
}

async function inTime(work) {
  const away = new AbortController();
  const late = setTimeout(() => away.abort(), LONGEST_BEHIND);
  try {
    return await work(away.signal);
  } finally {
    clearTimeout(late);
  }
}

/** Keep the page of a report, unless it was kept lately; the last ones that were opened stay. */
async function keepReport(path) {
  const cache = await caches.open(CACHE);
  const before = await cache.match(path);
  // A clock that was set wrong makes nothing fresh for ever.
  const isFresh = before && Math.abs(Date.now() - Date.parse(before.headers.get("Date"))) < FRESH_FOR;
  if (isFresh) {
    await cache.put(path, before);
  } else {
    for (const each of [path, ...SHELLS]) await keep(cache, each).catch(() => {});
  }
  const reports = (await cache.keys()).filter(({ url }) => OFFLINE_REPORT.test(new URL(url).pathname));
  for (const old of reports.slice(0, -MOST_REPORTS)) await cache.delete(old);
}

/** Keep a page that is the same for everybody, with the face of its language; false if it has to be tried again. */
function keep(cache, path) {
  return inTime(async (signal) => {
    const answer = await fetch(path, { credentials: "omit", redirect: "error", cache: "no-cache", signal });
    if (answer.status === 404 || answer.status === 410) {
      await cache.delete(path);
      // A service may be gone; the pages for everything are not.
      return !SHELLS.includes(path);
    }
    if (!answer.ok || isGoing || /no-store/.test(answer.headers.get("Cache-Control") || "")) return false;
    const named = (await answer.clone().text()).match(/\/assets\/[\w.-]+/g) || [];
    // Another making of the hub answered; its own worker is on its way.
    if (!named.every((each) => OWN.has(each))) return false;
    const faces = Object.values(BUILT.files).filter((name) => name.startsWith(LANGUAGES[path.slice(1, 3)]));
    for (const each of [...faces.map((name) => `/assets/${name}`), ...named]) await fileOrFail(each);
    await cache.put(path, answer);
    return true;
  });
}

/** What is not fonts, maps or the staff's: all pages of citizens may need it. */
function smallFiles() {
  return Object.values(BUILT.files)
    .filter((name) => SMALL.test(name) && !NOT_FOR_CITIZENS.test(name))
    .map((name) => `/assets/${name}`);
}

/** Where the hub does not want a worker any more, it goes, and what it kept with it; unsent reports stay. */
async function afterAnswer() {
  const cache = await caches.open(CACHE);
  // The worker is ended and begun anew between any two pages: it remembers nothing itself.
  const before = await cache.match(ASKED);
  if (before && Math.abs(Date.now() - Number(await before.text())) < ASKED_AGAIN_AFTER) return;
  await cache.put(ASKED, new Response(`${Date.now()}`));
  const answer = await fetch(ASKED, { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (answer && [404, 410].includes(answer.status)) await go();
}

async function go() {
  isGoing = true;
  for (const name of await caches.keys()) if (name.startsWith(PREFIX)) await caches.delete(name);
  await self.registration.unregister();
}
