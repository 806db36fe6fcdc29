// The map on which a citizen marks a place: drawn of the hub's own shapes and names, loaded only when it is asked for.
import { Map as Chart, circleMarker, control, divIcon, geoJSON, latLngBounds, marker } from "leaflet";

const CITIES_FROM = 8.5;
const ROUND_A_LABEL = 3;
const CLOSE = 11;

/**
 * Draw the map into a box.
 *
 * `country` is what the build made of the reference data, `label` the box's name for those who do not see it, `chosen`
 * is told latitude and longitude of a point. Gives what moves it: `mark(point)`, `hint(point)`, `go(governorate)` and
 * `middle()`.
 */
export function draw(box, country, { language, label, zoomIn, zoomOut, chosen }) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const shapes = geoJSON(country.shapes, { interactive: false, className: "hub-map-shape" });
  const whole = shapes.getBounds();
  const chart = new Chart(box, {
    attributionControl: false,
    zoomControl: false,
    zoomSnap: 0.5,
    maxZoom: 17,
    minZoom: 4,
    maxBounds: whole.pad(0.6),
    zoomAnimation: !still,
    fadeAnimation: !still,
    markerZoomAnimation: !still,
    inertia: !still,
  });
  box.setAttribute("role", "application");
  box.setAttribute("aria-label", label);
  control
    .zoom({ position: document.dir === "rtl" ? "topright" : "topleft", zoomInTitle: zoomIn, zoomOutTitle: zoomOut })
    .addTo(chart);
  shapes.addTo(chart);
  const areas = new Map();
  shapes.eachLayer((layer) => areas.set(layer.feature.properties.code, layer.getBounds()));
  const names = [...labels(country, areas, language)];

  let point = null;
  let hinted = null;
  let isMoving = false;
  chart.on("movestart", () => (isMoving = true));
  chart.on("moveend", () => (isMoving = false));
  const set = (at) => chosen(at.lat, at.lng);
  // Keys may come faster than the map moves: what is meant is where it will stand.
  const setMiddle = () => (isMoving ? chart.once("moveend", () => set(chart.getCenter())) : set(chart.getCenter()));
  chart.on("click", (event) => set(event.latlng));
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== box) return;
    // The form is not sent by it.
    event.preventDefault();
    setMiddle();
  });
  chart.on("zoomend moveend", () => name(chart, names));
  chart.fitBounds(whole, { animate: false });

  return {
    mark(at) {
      point?.remove();
      point = at && circleMarker(at, { radius: 10, interactive: false, className: "hub-map-point" }).addTo(chart);
      if (at && (chart.getZoom() < CITIES_FROM || !chart.getBounds().contains(at)))
        chart.setView(at, Math.max(chart.getZoom(), CLOSE), { animate: !still });
    },
    hint(at) {
      hinted?.remove();
      hinted = at && circleMarker(at, { radius: 8, interactive: false, className: "hub-map-hint" }).addTo(chart);
      if (at && !chart.getBounds().contains(at)) chart.fitBounds(latLngBounds([at, chart.getCenter()]));
    },
    go(code) {
      if (areas.has(code)) chart.fitBounds(areas.get(code), { animate: !still });
    },
    middle: setMiddle,
  };
}

/** The names that can stand on the map, the more important first. */
function* labels(country, areas, language) {
  const bySize = country.shapes.features
    .map((each) => each.properties)
    .sort((one, other) => size(areas.get(other.code)) - size(areas.get(one.code)));
  for (const each of bySize) yield label(areas.get(each.code).getCenter(), each[language], language, 0, "area");
  for (const each of country.cities) yield label([each.latitude, each.longitude], each[language], language, CITIES_FROM, "city");
}

function label(at, words, language, from, kind) {
  const element = document.createElement("span");
  element.textContent = words;
  element.lang = language;
  element.dir = "auto";
  const icon = divIcon({ className: `hub-map-name hub-map-${kind}`, html: element, iconSize: [0, 0] });
  return { at, from, element, pin: marker(at, { icon, interactive: false, keyboard: false }) };
}

/** Show the names that fit where the map stands: none lies over another. */
function name(chart, names) {
  const taken = [];
  const seen = chart.getBounds().pad(0.1);
  for (const { at, from, element, pin } of names) {
    if (chart.getZoom() < from || !seen.contains(at)) {
      pin.remove();
      continue;
    }
    pin.addTo(chart);
    element.hidden = false;
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const room = { left: left - ROUND_A_LABEL, right: right + ROUND_A_LABEL, top, bottom };
    const isFree = taken.every((each) => each.right < room.left || each.left > room.right || each.bottom < room.top || each.top > room.bottom);
    element.hidden = !isFree;
    if (isFree) taken.push(room);
  }
}

function size(bounds) {
  return (bounds.getEast() - bounds.getWest()) * (bounds.getNorth() - bounds.getSouth());
}
