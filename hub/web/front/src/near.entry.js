// What people nearby reported: the governorate by the device's own position, when its holder asks for that.
import { country, governorateAt } from "./country.js";

const form = document.querySelector("form[data-near]");
const here = form?.querySelector("[data-here]");
if (here && navigator.geolocation) {
  const told = form.querySelector("[data-told]");
  here.hidden = false;
  here.addEventListener("click", () => {
    told.textContent = told.dataset.asking;
    navigator.geolocation.getCurrentPosition(
      async ({ coords }) => {
        try {
          // Where somebody stands never leaves their device: only the governorate does.
          const { shapes } = await country(form.dataset.country);
          const around = governorateAt(shapes, coords.latitude, coords.longitude);
          told.textContent = around ? "" : told.dataset.outside;
          if (!around) return;
          form.elements.namedItem("governorate").value = around.code;
          form.elements.namedItem("district")?.closest(".hub-question").remove();
          form.requestSubmit();
        } catch {
          told.textContent = told.dataset.notFound;
        }
      },
      () => (told.textContent = told.dataset.notFound),
      { timeout: 20000, maximumAge: 60000 },
    );
  });
}
