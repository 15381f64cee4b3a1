// What comes with the pages beside their scripts: prompts, tunes and checkpoints of the package, and the list of them that
// the studio reads.
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";

/** Files of a checkpoint that generating needs; the rest of its folder is for people and for training. */
const CHECKPOINT_FILES = [
  "config.json",
  "generation_config.json",
  "model.safetensors",
  "tokenizer.json",
  "training.json",
];

/**
 * Copies them into a folder, and writes its catalogue.json.
 *
 * @param {string} folder
 */
export async function writeCatalogue(folder) {
  const { version } = JSON.parse(await readFile("package.json", "utf8"));
  const prompts = await copyPieces("data/prompts", folder);
  // A chorale first: that is what the bundled checkpoint has learned.
  prompts.sort((a, b) => Number(b.path.includes("chorale")) - Number(a.path.includes("chorale")));
  const tunes = await copyPieces("data/tunes", folder);
  const checkpoints = [];
  for (const name of (await readdir("checkpoints")).sort()) {
    const path = `checkpoints/${name}`;
    const there = await readdir(path);
    const files = CHECKPOINT_FILES.filter((file) => there.includes(file));
    await mkdir(`${folder}/${path}`, { recursive: true });
    for (const file of files) await cp(`${path}/${file}`, `${folder}/${path}/${file}`);
    checkpoints.push({ title: name, path, files });
  }
  // The chorales, which most people can judge by ear, are what the page opens with.
  checkpoints.sort((a, b) => Number(b.title === "chorales") - Number(a.title === "chorales"));
  await writeFile(
    `${folder}/catalogue.json`,
    `${JSON.stringify({ version, prompts, tunes, checkpoints })}\n`,
  );
}

async function copyPieces(from, folder) {
  await cp(from, `${folder}/${from}`, { recursive: true });
  const names = (await readdir(from)).filter((name) => name.endsWith(".mid")).sort();
  return names.map((name) => ({ title: titleOf(name), path: `${from}/${name}` }));
}

/** `ode-to-joy.mid` → `Ode to joy`. */
function titleOf(name) {
  const words = name.replace(/\.mid$/, "").replaceAll("-", " ");
  return words[0].toUpperCase() + words.slice(1);
}
