// Makes what browsers get: hashed files, each also compressed, and a manifest of their names, in the folder given.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";
import subsetFont from "subset-font";
import { themeCss } from "./theme.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const READY = resolve(process.argv[2] ?? join(HERE, "../built"));
// Made beside it and put in its place when whole: a process that starts meanwhile finds all of the files, old or new.
const OUT = `${READY}.making`;
const FONTS = join(HERE, "node_modules/@fontsource/ibm-plex-sans-arabic/files");
const COMPRESSED = /\.(css|js|svg|webmanifest|json)$/;

// What is written in Arabic and in English, and the marks of both; whatever else turns up, the system's own face shows.
const ARABIC = letters(0x621, 0x63a) + letters(0x640, 0x652) + letters(0x660, 0x66c) + "\u0670،؛؟«»…–—·\u200c\u200d\u200e\u200f .:()/-";
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
