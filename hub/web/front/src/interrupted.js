// A report that was begun with a line and lost it: its steps are the hub's, so it goes on where all stands on one page.

/** Lead to that page, which this device keeps, instead of into the browser's own page that says there is no line. */
export function goOnWithoutALine(page) {
  // Before all others, so that nothing takes the page for sent.
  page.addEventListener("submit", leadOn, true);
}

function leadOn(event) {
  if (navigator.onLine !== false || !navigator.serviceWorker || !navigator.serviceWorker.controller) return;
  // Files that are on their way stay with this page until they have arrived.
  if (event.target.dataset.sendingFiles !== undefined) return;
  const found = /^(.*\/report)\/(?!discard|forget)/.exec(new URL(event.target.action).pathname);
  if (!found) return;
  event.preventDefault();
  location.assign(`${found[1]}/offline`);
}
