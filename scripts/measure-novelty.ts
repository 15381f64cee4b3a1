/**
 * Measures how much a checkpoint copies, and puts it into the checkpoint's card.
 *
 *     node build/scripts/measure-novelty.js CHECKPOINT DATA
 *
 * Run it in the project's folder. DATA is the dataset that the checkpoint learned from.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { noveltySection, withSection } from "./novelty-section.js";

const [checkpoint, data] = process.argv.slice(2);
if (data === undefined) throw new Error("usage: measure-novelty.js CHECKPOINT DATA");
const path = join(checkpoint, "README.md");
await writeFile(path, withSection(await readFile(path, "utf8"), noveltySection(checkpoint, data)));
