// What the player needs beside its module: the soundfont with its licence, and the worklet that plays it, in one file.
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const alphaTab = dirname(fileURLToPath(import.meta.resolve("@coderline/alphatab")));
const soundfont = join(alphaTab, "soundfont");
mkdirSync("dist/soundfont", { recursive: true });
for (const name of ["sonivox.sf3", "LICENSE"])
  copyFileSync(join(soundfont, name), join("dist/soundfont", name));

// A worklet loads nothing else, and it has neither page nor window.
const bundle = await rolldown({
  input: "dist/player/sound/worklet.js",
  platform: "browser",
  treeshake: true,
});
await bundle.write({
  file: "dist/player/attacca-soundfont.js",
  format: "esm",
  minify: true,
  banner: "/*! With spessasynth_core and stb-vorbis by spessasus and contributors, Apache-2.0. */",
});
await bundle.close();
