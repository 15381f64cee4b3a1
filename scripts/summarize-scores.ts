// One line of JSON for each .mid file named: what compare-symusic.py compares.
import { readFileSync } from "node:fs";
import { readScore } from "attacca";
import { summarize } from "./score-summary.js";

for (const path of process.argv.slice(2)) {
  console.log(JSON.stringify(summarize(readScore(readFileSync(path)).score)));
}
