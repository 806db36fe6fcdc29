// Makes what browsers get: hashed files, each also compressed, and a manifest of their names, in the folder given.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";
import subsetFont from "subset-font";
import { makeInstallable } from "./installable.mjs";
import { themeCss } from "./theme.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const READY = resolve(process.argv[2] ?? join(HERE, "../built"));
// Made beside it and put in its place when whole: a process that starts meanwhile finds all of the files, old or new.
const OUT = `${READY}.making`;
const REFERENCE = join(HERE, "../../../tenants/reference");
const FONTS = join(HERE, "node_modules/@fontsource/ibm-plex-sans-arabic/files");
const COMPRESSED = /\.(css|js|svg|webmanifest|json)$/;

// What is written in Arabic and in English, and the marks of both; whatever else turns up, the system's own face shows.
const ARABIC = letters(0x621, 0x63a) + letters(0x640, 0x652) + letters(0x660, 0x66c) + "\u00a0\u0670،؛؟«»…–—·\u200c\u200d\u200e\u200f .:()/-";
const LATIN = letters(0x20, 0x7e) + "\u00a0–—‘’“”…«»·×©";

const fonts = {
  name: "fonts",
  setup(building) {
    building.onResolve({ filter: /^font:/ }, ({ path }) => ({ path: `${path.slice(5)}.woff2`, namespace: "font" }));
    building.onLoad({ filter: /.*/, namespace: "font" }, async ({ path }) => {
      const [script, weight] = path.replace(".woff2", "").split("-");
      const whole = readFileSync(join(FONTS, `ibm-plex-sans-arabic-${script}-${weight}-normal.woff2`));
      const contents = await subsetFont(whole, script === "arabic" ? ARABIC : LATIN, { targetFormat: "woff2" });
      return { contents, loader: "file" };
    });
  },
};

// Pictures that a style sheet carries within itself become files: the policy of our pages lets in nothing inline.
const pictures = {
  name: "pictures",
  setup(building) {
    building.onResolve({ filter: /^data:image\/svg\+xml/ }, ({ path }) => {
      const picture = decodeURIComponent(path.slice(path.indexOf(",") + 1));
      const digest = createHash("sha256").update(picture).digest("hex").slice(0, 8);
      return { path: `icon-${digest}.svg`, namespace: "picture", pluginData: picture };
    });
    building.onLoad({ filter: /.*/, namespace: "picture" }, ({ pluginData }) => ({ contents: pluginData, loader: "file" }));
  },
};

const theme = {
  name: "theme",
  setup(building) {
    building.onResolve({ filter: /^hub:theme$/ }, () => ({ path: "theme.css", namespace: "theme" }));
    building.onLoad({ filter: /.*/, namespace: "theme" }, () => ({ contents: themeCss(), loader: "css" }));
  },
};

function letters(first, last) {
  return String.fromCodePoint(...Array.from({ length: last - first + 1 }, (_, at) => first + at));
}

function mapOf(folder) {
  const names = Object.fromEntries(rowsOf(folder, "governorates.csv").map((row) => [row.code, row]));
  const cities = Object.fromEntries(rowsOf(folder, "cities.csv").map((row) => [row.code, row]));
  const shapes = JSON.parse(readFileSync(join(folder, "shapes.geojson"), "utf8"));
  for (const { properties } of shapes.features) {
    Object.assign(properties, { ar: names[properties.code].name_ar, en: names[properties.code].name_en });
  }
  const points = rowsOf(folder, "city_points.csv").map(({ code, latitude, longitude }) => {
    return { ar: cities[code].name_ar, en: cities[code].name_en, latitude: Number(latitude), longitude: Number(longitude) };
  });
  return { shapes, cities: points };
}

// No value in these tables holds a comma or a quotation mark; a test sees to that.
function rowsOf(folder, table) {
  const [head, ...rows] = readFileSync(join(folder, table), "utf8").trim().split(/\r?\n/);
  return rows.map((row) => Object.fromEntries(row.split(",").map((value, at) => [head.split(",")[at], value])));
}

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const entries = readdirSync(join(HERE, "src"))
  .filter((name) => /^[a-z-]+\.(entry)\.(css|js)$/.test(name))
  .map((name) => ({ in: join(HERE, "src", name), out: name.replace(/\.entry\.(css|js)$/, "") }));
const made = await build({
  entryPoints: entries,
  outdir: OUT,
  bundle: true,
  minify: true,
  metafile: true,
  format: "esm",
  target: ["es2020", "chrome90", "firefox90", "safari15"],
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".svg": "file", ".woff2": "file", ".png": "file" },
  plugins: [fonts, pictures, theme],
  legalComments: "none",
  logLevel: "warning",
});

const manifest = {};
for (const [path, { entryPoint, inputs }] of Object.entries(made.metafile.outputs)) {
  const file = basename(path);
  const source = entryPoint ?? Object.keys(inputs)[0] ?? file;
  manifest[basename(source.replace(/^[a-z]+:/, "")).replace(".entry.", ".")] = file;
}
// Pictures that pages name by themselves.
for (const name of readdirSync(join(HERE, "src/pictures")).sort()) {
  const contents = readFileSync(join(HERE, "src/pictures", name));
  const digest = createHash("sha256").update(contents).digest("base64url").replace(/[-_]/g, "x").slice(0, 8).toUpperCase();
  const file = name.replace(/(\.[a-z]+)$/, `-${digest}$1`);
  writeFileSync(join(OUT, file), contents);
  manifest[name] = file;
}
// Maps of the countries that the hub has shapes of: one file each, with the names in both languages.
for (const country of readdirSync(REFERENCE).sort().filter((name) => existsSync(join(REFERENCE, name, "shapes.geojson")))) {
  const contents = JSON.stringify(mapOf(join(REFERENCE, country)));
  const digest = createHash("sha256").update(contents).digest("base64url").replace(/[-_]/g, "x").slice(0, 8).toUpperCase();
  writeFileSync(join(OUT, `map-${country}-${digest}.json`), contents);
  manifest[`map-${country}.json`] = `map-${country}-${digest}.json`;
}
makeInstallable(OUT, manifest, themeCss().match(/--hub-band:(#[0-9a-f]{6})/)[1]);
// The worker keeps what pages need without a line. It knows all files of its own making, so it is made last, and another
// one of them makes another worker.
const version = createHash("sha256").update(JSON.stringify(manifest)).digest("hex").slice(0, 12);
const worker = await build({
  entryPoints: [join(HERE, "src/worker.js")],
  outdir: OUT,
  entryNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  metafile: true,
  format: "iife",
  target: ["es2020", "chrome90", "firefox90", "safari15"],
  define: { BUILT: JSON.stringify({ version, files: manifest }) },
  legalComments: "none",
  logLevel: "warning",
});
manifest["worker.js"] = basename(Object.keys(worker.metafile.outputs)[0]);
for (const file of readdirSync(OUT).filter((name) => COMPRESSED.test(name))) {
  const contents = readFileSync(join(OUT, file));
  writeFileSync(join(OUT, `${file}.gz`), gzipSync(contents, { level: 9 }));
  writeFileSync(join(OUT, `${file}.br`), brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
}
const sorted = Object.fromEntries(Object.entries(manifest).sort(([one], [other]) => (one < other ? -1 : 1)));
writeFileSync(join(OUT, "manifest.json"), `${JSON.stringify(sorted, null, 2)}\n`);
const before = `${READY}.before`;
rmSync(before, { recursive: true, force: true });
if (existsSync(READY)) renameSync(READY, before);
renameSync(OUT, READY);
rmSync(before, { recursive: true, force: true });
console.log(`${Object.keys(sorted).length} files in ${relative(process.cwd(), READY)}`);
