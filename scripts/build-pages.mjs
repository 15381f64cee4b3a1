// Bundles what browsers load, from the compiled sources: dist/player/attacca-player.js, one module for any page, and
// dist/pages, the pages of `attacca preview`, which any static server can serve as well.
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { rolldown } from "rolldown";
import { pagePolicy } from "../dist/node/preview-policy.js";
import { themeRule } from "../dist/player/theme.js";
import { writeCatalogue } from "./pages/catalogue.mjs";
import { licenceComment, licencesOf, licenceText } from "./pages/licences.mjs";

const PAGES = "dist/pages";

/** The pages' scripts. Pages and workers ask for them by these names, in assets/. */
const scripts = {
  index: "dist/preview/index-page.js",
  player: "dist/preview/player-page.js",
  studio: "dist/studio/main.js",
  worker: "dist/studio/worker.js",
  "simd-worker": "dist/web/simd-worker.js",
};

const inPlayer = await bundle(
  { "attacca-player": "dist/player/define.js" },
  // One file, so that it can be copied anywhere and be written into a page.
  { dir: "dist/player", entryFileNames: "[name].js", codeSplitting: false },
);

const PLAYER = "dist/player/attacca-player.js";
await writeFile(PLAYER, `${licenceComment(inPlayer)}\n${await readFile(PLAYER, "utf8")}`);

await rm(PAGES, { recursive: true, force: true });
await mkdir(`${PAGES}/assets`, { recursive: true });
await bundle(scripts, {
  dir: PAGES,
  entryFileNames: "assets/[name].js",
  chunkFileNames: "assets/[name]-[hash].js",
});
for (const name of await readdir("pages")) {
  if (name.endsWith(".html"))
    await writeFile(`${PAGES}/${name}`, withPolicy(await readFile(`pages/${name}`, "utf8")));
  else await cp(`pages/${name}`, `${PAGES}/${name}`);
}
// The sound's script asks for the one beside itself; the studio writes both into pages of single pieces.
for (const name of ["attacca-soundfont.js", "attacca-player.js"]) {
  await cp(`dist/player/${name}`, `${PAGES}/assets/${name}`);
}
await cp("dist/soundfont", `${PAGES}/soundfont`, { recursive: true });
await writeCatalogue(PAGES);
await writeFile(`${PAGES}/theme.css`, `${themeRule(":root")}\n`);
for (const name of await readdir("dist/backend/simd")) {
  if (name.endsWith(".wasm")) await cp(`dist/backend/simd/${name}`, `${PAGES}/assets/${name}`);
}

/** Writes modules that need nothing else, as small as they get, and beside them the licences of what is in them. */
async function bundle(input, output) {
  const build = await rolldown({
    input,
    platform: "browser",
    // A name that can't be found, a file that is left out: nothing that a user should find out.
    onLog(level, log) {
      throw new Error(`${level}: ${log.message}`);
    },
  });
  const options = { format: "esm", minify: true, ...output };
  const { output: written } = await build.write(options);
  await build.close();
  const packages = licencesOf(written.flatMap(({ moduleIds = [] }) => moduleIds));
  await writeFile(`${output.dir}/LICENSES.txt`, licenceText(packages));
  return packages;
}

/** A page with its policy in it: other servers send no header of ours. */
function withPolicy(html) {
  const mark = '<meta charset="utf-8" />';
  if (!html.includes(mark)) throw new Error(`a page without ${mark}`);
  return html.replace(
    mark,
    `${mark}\n    <meta http-equiv="Content-Security-Policy" content="${pagePolicy}" />`,
  );
}
