// The hub's colours: every token that Designsystemet asks for, worked out from a hue, in light and in dark.
// Lightness is OKLab's, so the same step looks equally light in every hue (https://bottosson.github.io/posts/oklab/).
import { readFileSync } from "node:fs";

const PALETTE = JSON.parse(readFileSync(new URL("palette.json", import.meta.url), "utf8"));

// Lightness and share of the hue's chroma of each token.
const LIGHT = {
  "background-default": [1, 0],
  "background-tinted": [0.978, 0.16],
  "surface-default": [1, 0],
  "surface-tinted": [0.956, 0.24],
  "surface-hover": [0.925, 0.34],
  "surface-active": [0.89, 0.44],
  "border-subtle": [0.83, 0.5],
  "border-default": [0.57, 0.9],
  "border-strong": [0.46, 1],
  "text-subtle": [0.45, 1],
  "text-default": [0.27, 0.7],
};
const DARK = {
  "background-default": [0.2, 0.2],
  "background-tinted": [0.235, 0.24],
  "surface-default": [0.25, 0.26],
  "surface-tinted": [0.28, 0.36],
  "surface-hover": [0.32, 0.42],
  "surface-active": [0.37, 0.5],
  "border-subtle": [0.42, 0.5],
  "border-default": [0.63, 0.7],
  "border-strong": [0.77, 0.7],
  "text-subtle": [0.8, 0.65],
  "text-default": [0.95, 0.16],
};
const AA = 4.5;
const AA_FOR_EDGES = 3;

/** All tokens as CSS: the light ones, the dark ones for who prefers dark, and which colour `data-color` means. */
export function themeCss() {
  const light = tokensOf(LIGHT, false);
  const dark = tokensOf(DARK, true);
  const names = Object.keys(PALETTE);
  const parts = [...Object.keys(LIGHT), ...["default", "hover", "active"].map((each) => `base-${each}`)];
  parts.push("base-contrast-default", "base-contrast-subtle");
  const meanings = names.map((name) => {
    const selector = name === "accent" ? `:root,[data-color="accent"]` : `[data-color="${name}"]`;
    return rule(selector, parts.map((part) => [`--ds-color-${part}`, `var(--ds-color-${name}-${part})`]));
  });
  // Paper is white whatever the screen is: only screens turn dark.
  return `@layer ds.theme{${rule(":root", [...light, ["color-scheme", "light"]])}
@media screen and (prefers-color-scheme:dark){${rule(":root", [...dark, ["color-scheme", "dark"]])}}
${meanings.join("\n")}}`;
}

function tokensOf(scale, isDark) {
  const tokens = [];
  for (const [name, { hue, chroma, base }] of Object.entries(PALETTE)) {
    const own = Object.fromEntries(
      Object.entries(scale).map(([part, [lightness, share]]) => [part, hex(lightness, chroma * share, hue)]),
    );
    const start = isDark ? Math.max(base, 0.72) : base;
    const step = isDark || base > 0.6 ? 0.05 : -0.05;
    own["base-default"] = hex(start, chroma, hue);
    own["base-hover"] = hex(start + step, chroma, hue);
    own["base-active"] = hex(start + 2 * step, chroma, hue);
    const onBase = start > 0.6 ? hex(0.16, chroma * 0.2, hue) : "#ffffff";
    own["base-contrast-default"] = onBase;
    own["base-contrast-subtle"] = start > 0.6 ? hex(0.26, chroma * 0.3, hue) : hex(0.95, chroma * 0.2, hue);
    check(name, own);
    tokens.push(...Object.entries(own).map(([part, colour]) => [`--ds-color-${name}-${part}`, colour]));
  }
  const { hue, chroma } = PALETTE.neutral;
  const focus = isDark ? hex(0.9, 0.12, 85) : hex(0.3, 0.06, 188);
  tokens.push(["--ds-color-focus-inner", isDark ? hex(0.16, chroma, hue) : "#ffffff"]);
  tokens.push(["--ds-color-focus-outer", focus]);
  tokens.push(["--ds-link-color-visited", hex(isDark ? 0.8 : 0.4, 0.09, 310)]);
  // The band on top of every page: the Nile, by day and by night.
  tokens.push(["--hub-band", isDark ? hex(0.27, 0.04, 188) : hex(0.36, 0.062, 188)]);
  tokens.push(["--hub-on-band", "#ffffff"], ["--hub-sand", hex(0.84, 0.09, 80)]);
  return tokens;
}

function check(name, own) {
  const pairs = [
    ["text-default", "surface-active", AA],
    ["text-subtle", "surface-tinted", AA],
    ["text-subtle", "background-tinted", AA],
    ["border-default", "surface-default", AA_FOR_EDGES],
    ["border-default", "background-default", AA_FOR_EDGES],
    ["base-contrast-default", "base-default", AA],
    ["base-contrast-default", "base-hover", AA],
    ["base-contrast-default", "base-active", AA],
  ];
  for (const [front, back, least] of pairs) {
    const found = contrast(own[front], own[back]);
    if (found < least) throw new Error(`${name}: ${front} on ${back} has a contrast of ${found.toFixed(2)}, not ${least}`);
  }
}

function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => linear(parseInt(colour.slice(at, at + 2), 16) / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function linear(part) {
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

/** OKLCH as #rrggbb, with as much of the chroma as sRGB can show. */
function hex(lightness, chroma, hue) {
  for (let kept = chroma; ; kept = Math.max(kept - 0.002, 0)) {
    const parts = rgb(Math.min(Math.max(lightness, 0), 1), kept, (hue * Math.PI) / 180);
    if (kept === 0 || parts.every((part) => part > -0.0005 && part < 1.0005)) {
      return `#${parts.map(byte).join("")}`;
    }
  }
}

function rgb(lightness, chroma, angle) {
  const a = chroma * Math.cos(angle);
  const b = chroma * Math.sin(angle);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((part) => (part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055));
}

function byte(part) {
  return Math.round(Math.min(Math.max(part, 0), 1) * 255)
    .toString(16)
    .padStart(2, "0");
}

function rule(selector, declarations) {
  return `${selector}{${declarations.map(([name, value]) => `${name}:${value}`).join(";")}}`;
}
