// Shown in the place of a page that cannot be had: the services whose reports this device keeps, and another try.

const OFFLINE_REPORT = /^(\/(ar|en)\/agencies\/[^/]+\/services\/[^/]+\/report)\/offline$/;

/** Fill in the page that is shown without a line. */
export async function offerServices(page) {
  const shown = page.querySelector("[data-offline-page]");
  if (!shown) return;
  const again = shown.querySelector("[data-again]");
  again.hidden = false;
  again.addEventListener("click", () => location.reload());
  // In the place of another page, that one comes as soon as it can.
  if (location.pathname !== shown.dataset.offlinePage) addEventListener("online", () => location.reload());
  const section = shown.querySelector("[data-services]");
  const { lang } = page.documentElement;
  for (const { path, name } of await services()) {
    if (!path.startsWith(`/${lang}/`)) continue;
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = path;
    link.textContent = name;
    item.append(link);
    section.querySelector("ul").append(item);
    section.hidden = false;
  }
}

async function services() {
  if (typeof caches === "undefined") return [];
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const kept of await cache.keys()) {
      const { pathname } = new URL(kept.url);
      // While a new worker gets ready, its pages stand beside those of the old one.
      if (!OFFLINE_REPORT.test(pathname) || found.some((each) => each.path === pathname)) continue;
      const page = new DOMParser().parseFromString(await (await cache.match(kept)).text(), "text/html");
      found.push({ path: pathname, name: page.querySelector("[data-offline-report]").dataset.name });
    }
  }
  return found.reverse();
}
