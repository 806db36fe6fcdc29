// Which governorate a point lies in, by the hub's own shapes, which are fetched once when a point is first chosen.

let asked;

/** What the build made of a country's reference data: shapes of governorates, and cities as points, with their names. */
export function country(address) {
  asked ||= fetch(address).then((answer) => {
    if (!answer.ok) throw new Error("there is no such map");
    return answer.json();
  });
  asked.catch(() => (asked = undefined));
  return asked;
}

/** The properties of the governorate around a point, or undefined for one outside of all. */
export function governorateAt(shapes, latitude, longitude) {
  return shapes.features.find(({ geometry }) => {
    const polygons = geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
    // Holes of an area count like its outline: a point is inside when a line from it crosses an odd number of edges.
    return polygons.some((rings) => rings.filter((ring) => crossesOdd(ring, latitude, longitude)).length % 2 === 1);
  })?.properties;
}

function crossesOdd(ring, latitude, longitude) {
  let odd = false;
  ring.forEach(([x, y], at) => {
    const [before, above] = ring.at(at - 1);
    if (y > latitude !== above > latitude && longitude < ((before - x) * (latitude - y)) / (above - y) + x) odd = !odd;
  });
  return odd;
}
