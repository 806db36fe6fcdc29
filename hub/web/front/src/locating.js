// Where it is: by the device's own position when its holder asks for that, and with the districts of a governorate.

/** Offer the device's position for each place that is asked for. */
export function locate(page) {
  const template = page.querySelector("#locating");
  if (!template || !navigator.geolocation) return;
  for (const place of page.querySelectorAll("[data-point], [data-kind=place]")) {
    const [latitude, longitude] = ["latitude", "longitude"].map((part) => place.querySelector(`[name$='.${part}']`));
    const shown = place.querySelector("[data-point-shown]");
    const parts = template.content.cloneNode(true);
    const told = parts.querySelector("[data-located]");
    const ask = parts.querySelector("[data-locate]");
    const leave = parts.querySelector("[data-unlocate]");
    const set = (one, other, words) => {
      latitude.value = one;
      longitude.value = other;
      told.textContent = words;
      leave.hidden = !one;
      if (shown) shown.hidden = true;
    };
    ask.addEventListener("click", () => {
      told.textContent = told.dataset.asking;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => set(coords.latitude.toFixed(6), coords.longitude.toFixed(6), told.dataset.found),
        () => (told.textContent = told.dataset.notFound),
        { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 },
      );
    });
    leave.hidden = !latitude.value;
    leave.addEventListener("click", () => set("", "", ""));
    place.append(parts);
  }
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
