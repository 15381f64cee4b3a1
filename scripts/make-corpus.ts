/** Writes the bundled corpus into `data/`. Run from the project's folder: `node build/scripts/make-corpus.js`. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { corpusFiles } from "./corpus/corpus.js";

const files = corpusFiles();
for (const [path, bytes] of files) {
  const target = join("data", path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, bytes);
}
console.log(`${files.size} files in data/`);
