import { writeScore } from "attacca";
import { american } from "./american.js";
import { arrange, firstBars } from "./arrange.js";
import { asianAndRussian } from "./asian-and-russian.js";
import { britishAndIrish } from "./british-and-irish.js";
import { carols } from "./carols.js";
import { choraleScore, chorales } from "./chorales.js";
import { composers } from "./composers.js";
import { corpusReadme } from "./corpus-readme.js";
import { german } from "./german.js";
import { nursery } from "./nursery.js";
import { songs } from "./songs.js";
import type { Tune } from "./tune.js";

export const tunes: readonly Tune[] = [
  ...britishAndIrish,
  ...nursery,
  ...american,
  ...carols,
  ...german,
  ...asianAndRussian,
  ...composers,
].toSorted((one, other) => (one.id < other.id ? -1 : 1));

const promptBars = 4;
const prompted = ["greensleeves", "ode-to-joy"];

/** Every file of the bundled corpus: path below `data/` → bytes. The same on every machine. */
export function corpusFiles(): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const tune of tunes) files.set(`tunes/${tune.id}.mid`, writeScore(arrange(tune)));
  for (const chorale of chorales) files.set(`prompts/${chorale.id}.mid`, writeScore(choraleScore(chorale)));
  for (const tune of tunes.filter(({ id }) => prompted.includes(id))) {
    files.set(`prompts/${tune.id}.mid`, writeScore(firstBars(arrange(tune), promptBars)));
  }
  for (const song of songs)
    files.set(`prompts/${song.id}.mid`, writeScore(firstBars(arrange(song), promptBars)));
  files.set("README.md", new TextEncoder().encode(corpusReadme(tunes)));
  return files;
}
