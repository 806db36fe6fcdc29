// What a phone needs to put the hub among its applications: a manifest for each language, and the mark as pictures.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Resvg } from "@resvg/resvg-js";

const PICTURES = fileURLToPath(new URL("src/pictures/", import.meta.url));
const WORDS = JSON.parse(readFileSync(new URL("application.json", import.meta.url), "utf8"));
// Phones cut the picture to a shape of their own: within this share of it nothing is lost (W3C's maskable icons).
const SAFE = 0.72;

/** Write manifests and pictures into a folder, and name them in the manifest of files; `band` is the colour on top. */
export function makeInstallable(folder, files, band) {
  const mark = readFileSync(join(PICTURES, "favicon.svg"), "utf8");
  const ground = mark.match(/<rect[^>]*fill="(#[0-9a-f]{6})"/)[1];
  const icons = [
    { src: files["favicon.svg"], sizes: "any", type: "image/svg+xml", purpose: "any" },
    { src: picture("icon-192.png", mark, 192), sizes: "192x192", type: "image/png", purpose: "any" },
    { src: picture("icon-512.png", mark, 512), sizes: "512x512", type: "image/png", purpose: "any" },
    { src: picture("icon-maskable.png", onGround(mark, ground), 512), sizes: "512x512", type: "image/png", purpose: "maskable" },
  ];
  picture("apple-touch-icon.png", onGround(mark, ground), 180);
  for (const [language, words] of Object.entries(WORDS)) {
    const told = {
      id: `/${language}`,
      ...words,
      lang: language,
      start_url: `/${language}`,
      scope: "/",
      display: "minimal-ui",
      theme_color: band,
      background_color: "#ffffff",
      categories: ["government", "utilities"],
      icons: icons.map((icon) => ({ ...icon, src: `/assets/${icon.src}` })),
      shortcuts: words.shortcuts.map((each) => ({ ...each, url: `/${language}${each.url}` })),
    };
    write(`${language}.webmanifest`, JSON.stringify(told));
  }

  function picture(name, svg, size) {
    return write(name, new Resvg(svg, { fitTo: { mode: "width", value: size } }).render().asPng());
  }

  function write(name, contents) {
    const digest = createHash("sha256").update(contents).digest("hex").slice(0, 8).toUpperCase();
    const file = name.replace(/(\.[a-z]+)$/, `-${digest}$1`);
    writeFileSync(join(folder, file), contents);
    return (files[name] = file);
  }
}

/** The mark made smaller on its own colour, which goes to all edges. */
function onGround(svg, ground) {
  const inner = svg.replace(/^<svg[^>]*>/, "").replace("</svg>", "").replace(/<rect[^>]*\/>/, "");
  const shift = (48 * (1 - SAFE)) / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" fill="none" stroke-linecap="round" stroke-linejoin="round"><rect width="48" height="48" fill="${ground}"/><g transform="translate(${shift} ${shift}) scale(${SAFE})">${inner}</g></svg>`;
}
