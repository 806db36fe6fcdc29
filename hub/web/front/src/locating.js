// Where it is: by the device's own position or a point on the map, when somebody asks for that, and with the districts of
// a governorate.
import { country, governorateAt } from "./country.js";

/** Offer the device's position and the map for each place that is asked for. */
export function locate(page) {
  const template = page.querySelector("#locating");
  if (!template) return;
  for (const place of page.querySelectorAll("[data-point], [data-kind=place]")) offer(place, template);
}

function offer(place, template) {
  const [latitude, longitude] = ["latitude", "longitude"].map((part) => place.querySelector(`[name$='.${part}']`));
  const shown = place.querySelector("[data-point-shown]");
  const parts = template.content.cloneNode(true);
  const told = parts.querySelector("[data-located]");
  const ask = parts.querySelector("[data-locate]");
  const leave = parts.querySelector("[data-unlocate]");
  const open = parts.querySelector("[data-map]");
  const governorate = fieldOfGovernorate(place);
  let map = null;
  // What a point filled in; what somebody chose themselves stays.
  let filled = "";

  const set = async (one, other, words) => {
    latitude.value = one;
    longitude.value = other;
    told.textContent = words;
    leave.hidden = !one;
    if (shown) shown.hidden = true;
    map?.mark(point());
    const address = open?.dataset.country;
    if (!one) undo();
    else if (address) {
      const around = await country(address).then(({ shapes }) => governorateAt(shapes, one, other)).catch(() => null);
      if (around === null || latitude.value !== one) return;
      told.textContent = `${words} ${around ? told.dataset.inside.replace("{place}", around[page().lang]) : told.dataset.outside}`;
      if (around) fillIn(around);
    }
  };
  const point = () => (latitude.value ? [Number(latitude.value), Number(longitude.value)] : null);
  const fillIn = (around) => {
    if (!governorate || (governorate.value && governorate.value !== filled)) return;
    filled = governorate.tagName === "SELECT" ? around.code : around[page().lang];
    if (governorate.value !== filled) write(governorate, filled);
  };
  const undo = () => {
    if (filled && governorate.value === filled) write(governorate, "");
    filled = "";
  };

  if (navigator.geolocation) {
    ask.addEventListener("click", () => {
      told.textContent = told.dataset.asking;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => set(coords.latitude.toFixed(6), coords.longitude.toFixed(6), told.dataset.found),
        () => (told.textContent = told.dataset.notFound),
        { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 },
      );
    });
  } else ask.remove();
  leave.hidden = !latitude.value;
  leave.addEventListener("click", () => set("", "", ""));
  if (open) {
    const around = parts.querySelector("[data-map-around]");
    open.addEventListener("click", async () => {
      if (map) {
        around.hidden = !around.hidden;
        open.setAttribute("aria-expanded", String(!around.hidden));
        return;
      }
      open.setAttribute("aria-busy", "true");
      told.textContent = open.dataset.loading;
      try {
        map = await draw(open, around, (one, other) => set(one.toFixed(6), other.toFixed(6), told.dataset.marked));
        told.textContent = "";
        show();
      } catch {
        told.textContent = open.dataset.failed;
      }
      open.removeAttribute("aria-busy");
    });
    const show = () => {
      if (point()) map.mark(point());
      else map.go(governorate?.value);
      governorate?.addEventListener("change", () => point() || map.go(governorate.value));
      around.querySelector("[data-map-middle]").addEventListener("click", () => map.middle());
      watchPhoto(place.closest("form"), map);
      around.querySelector(".hub-map").focus({ preventScroll: true });
    };
  }
  place.append(parts);
}

/** Load the map and draw it; nothing of it is fetched before. */
async function draw(open, around, chosen) {
  const { script, style, label, zoomIn, zoomOut } = open.dataset;
  const [module, drawn] = await Promise.all([import(script), country(open.dataset.country), styled(style)]);
  around.hidden = false;
  open.setAttribute("aria-expanded", "true");
  return module.draw(around.querySelector(".hub-map"), drawn, { language: page().lang, label, zoomIn, zoomOut, chosen });
}

function styled(address) {
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = address;
    link.addEventListener("load", resolve);
    link.addEventListener("error", reject);
    document.head.append(link);
  });
}

/** Show where a photo was taken while its citizen says that this is the place. */
function watchPhoto(form, map) {
  const look = () => {
    const chosen = form.querySelector("[name=use_photo_place]:checked");
    const values = ["latitude", "longitude"].map((part) => Number(form.querySelector(`[name='photo.${part}']`)?.value));
    map.hint(chosen ? values : null);
  };
  form.addEventListener("change", look);
  look();
}

function fieldOfGovernorate(place) {
  return place.querySelector("[name$='.governorate']") ?? place.closest("form").querySelector("[name='answers.governorate']");
}

function write(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function page() {
  return document.documentElement;
}

/** Ask for the districts of a governorate as soon as it is chosen; without scripts the page comes again with them. */
export function findDistricts(page) {
  const chosen = page.querySelector("select[name='answers.governorate']");
  if (!chosen) return;
  const governorate = chosen.closest("[data-question]");
  let last = chosen.value;
  chosen.addEventListener("change", async () => {
    const code = (last = chosen.value);
    try {
      const answer = await fetch(`${chosen.form.getAttribute("action")}?governorate=${encodeURIComponent(code || "-")}`);
      const found = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (code !== last) return;
      page.querySelector("[data-question=district]")?.remove();
      const district = found.querySelector("[data-question=district]");
      if (district) governorate.after(page.importNode(district, true));
      const shown = found.querySelector("input[name=shown]");
      if (shown) chosen.form.elements.namedItem("shown").value = shown.value;
    } catch {
      // The page asks for the district when it is sent.
    }
  });
}
