/**
 * Compares attacca's MIDI reader with @tonejs/midi on every .mid file of a folder: same notes, ticks, tempos.
 *
 *     node build/scripts/compare-tone.js DIR
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ToneJs from "@tonejs/midi";
import { readScore, type Score } from "attacca";
import { scoreFromTone } from "attacca/tone";

/** What both must agree on; the order of tracks, which is each one's own, is taken out. */
function comparable(score: Score): string {
  const notes = score.tracks.flatMap(({ channel, program, notes }) =>
    notes.map(({ start, duration, pitch, velocity }) =>
      [channel, program, start, duration, pitch, velocity].join(" "),
    ),
  );
  const { ticksPerQuarter, tempos, timeSignatures, keySignatures } = score;
  return JSON.stringify([ticksPerQuarter, tempos, timeSignatures, keySignatures, notes.sort()]);
}

const folder = process.argv[2];
const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith(".mid"),
);
let equal = 0;
let notes = 0;
for (const path of paths.sort()) {
  const bytes = readFileSync(join(folder, path));
  const { score } = readScore(bytes);
  const same = comparable(score) === comparable(scoreFromTone(new ToneJs.Midi(bytes)));
  if (same) equal++;
  else console.log(`different: ${path}`);
  for (const track of score.tracks) notes += track.notes.length;
}
console.log(`${paths.length} files with ${notes} notes, ${equal} equal`);
process.exitCode = equal === paths.length ? 0 : 1;
