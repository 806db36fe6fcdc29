// Weak lines and none: the worker that keeps what is needed without a line, and reports that wait on this device.
import { isFlagged } from "./outbox.js";

const OF_SERVICE = /^\/(ar|en)\/agencies\/[^/]+\/services\/[^/]+/;

/** Register the worker, or have it go where the hub has none; tell it whose report may be written without a line. */
export async function workWithoutALine(page) {
  const { worker, unsent } = page.documentElement.dataset;
  if (isFlagged()) {
    for (const each of page.querySelectorAll("[data-unsent-link]")) each.hidden = false;
    // A page that comes late without its scripts still has the worker.
    import(unsent).then(({ sendNow }) => sendNow(), () => {});
  }
  if (!navigator.serviceWorker || unsent === undefined) return;
  // The page itself comes first.
  if (page.readyState !== "complete") await new Promise((resolve) => page.defaultView.addEventListener("load", resolve));
  try {
    if (!worker) {
      for (const each of await navigator.serviceWorker.getRegistrations()) {
        // It throws away what it kept; pages that are open are its own until they are closed.
        if (each.active) each.active.postMessage({ go: true });
        await each.unregister();
      }
      return;
    }
    await navigator.serviceWorker.register(worker);
    const service = OF_SERVICE.exec(location.pathname);
    if (service) (await navigator.serviceWorker.ready).active.postMessage({ keep: `${service[0]}/report/offline` });
  } catch {
    // Some browsers allow no worker, such as in private windows; then everything works as without one.
  }
}
