// Reports that wait on this device until there is a line, in the browser's own database: of the worker and of pages.

const DATABASE = "hub-unsent";
const STORE = "reports";
const FLAG = "hub-unsent";
const TOLD = "hub-unsent";
/** A receipt is shown for so long after it was first seen, and a sent report is forgotten after so long in any case. */
export const SHOWN_FOR = 3600 * 1000;
export const KEPT_FOR = 7 * 24 * 3600 * 1000;

/** All reports that wait or were just sent, the oldest first. */
export async function all() {
  const found = await act("readonly", (store) => store.getAll());
  return found.sort((one, other) => one.at - other.at);
}

/** One report; undefined where there is none of that id. */
export function find(id) {
  return act("readonly", (store) => store.get(id));
}

/** Keep a report as it is now. */
export async function put(report) {
  await act("readwrite", (store) => store.put(report));
  tell();
}

/** Change a report that is still there; gives it as it is then, or undefined. */
export async function change(id, changes) {
  const changed = await act("readwrite", (store, done) => {
    const asked = store.get(id);
    asked.onsuccess = () => {
      if (!asked.result) return done(undefined);
      const now = { ...asked.result, ...changes };
      store.put(now);
      done(now);
    };
  });
  tell();
  return changed;
}

/** Forget a report, with all that it holds. */
export async function forget(id) {
  await act("readwrite", (store) => store.delete(id));
  tell();
}

/** Forget what was sent and seen long enough ago. */
export async function tidy() {
  for (const each of await all()) {
    const isOver = each.state === "sent" && (each.seen ? Date.now() - each.seen > SHOWN_FOR : Date.now() - each.sent > KEPT_FOR);
    if (isOver) await forget(each.id);
  }
}

/** A secret of 256 bits, as the hub makes them for reports: whoever holds it can open what is sent under it. */
export function newSecret() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** Whether pages should look at all: reading this costs them nothing. */
export function isFlagged() {
  try {
    return localStorage.getItem(FLAG) !== null;
  } catch {
    return false;
  }
}

/** Say whether pages should look. */
export function flag(some) {
  try {
    if (some) localStorage.setItem(FLAG, "1");
    else localStorage.removeItem(FLAG);
  } catch {
    // Without the flag other pages name no unsent reports; the page of unsent reports still does.
  }
}

/** Be told whenever something of these reports changes, here or in another window or the worker. */
export function listen(changed) {
  if (typeof BroadcastChannel === "undefined") return;
  new BroadcastChannel(TOLD).addEventListener("message", changed);
}

let channel;

function tell() {
  if (typeof BroadcastChannel === "undefined") return;
  channel ||= new BroadcastChannel(TOLD);
  channel.postMessage("");
}

/** One transaction; what `work` gives is asked for, or it calls `done` with the result itself. */
async function act(mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      let result;
      const asked = work(transaction.objectStore(STORE), (found) => (result = found));
      transaction.oncomplete = () => resolve(asked ? asked.result : result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
