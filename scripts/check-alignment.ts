/**
 * Checks beat alignment on a folder of songs with annotated beats: `NNN.mid` beside `NNN.txt` (a line a beat: seconds,
 * then flags), as POP909 has them. Takes the songs with one tempo, where the truth is one constant offset.
 *
 * Prints, over these songs: the mean distance of onsets to the 16th grid before and after, and the share of songs where the
 * estimated beats are the annotated ones, that is, lie within a quarter of a 16th of them. Ends with 1 where the distance is
 * above 0.03 or the share below 95 %.
 *
 *     node build/scripts/check-alignment.js FOLDER
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type AnnotatedBeat,
  alignToBeats,
  estimateOffset,
  gridFit,
  parseBeats,
  readScore,
  type Score,
  tempoMap,
} from "attacca";

const MOST_DISTANCE = 0.03;
const LEAST_AGREEMENT = 0.95;
/** In 16ths. */
const TOLERANCE = 0.25;

interface Figures {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  readonly annotated: number;
  /** Between estimated and annotated beats, in 16ths. */
  readonly difference: number;
  /** The same for bar lines in 4/4, where the annotated bars are regular. */
  readonly barDifference: number | undefined;
}

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: node build/scripts/check-alignment.js FOLDER");
  process.exit(2);
}

const songs: Figures[] = [];
const others: { readonly before: number; readonly after: number; readonly annotated: number }[] = [];
for (const file of (await readdir(folder)).filter((name) => name.endsWith(".mid")).sort()) {
  const { score } = readScore(await readFile(join(folder, file)));
  const beats = parseBeats(await readFile(join(folder, file.replace(/mid$/, "txt")), "utf8"));
  if (score.tempos.length === 1) songs.push(figuresOf(file, score, beats));
  else {
    const { before, after } = estimateOffset(score);
    const annotated = gridFit(alignToBeats(score, beats)).meanDistance;
    others.push({ before: before.meanDistance, after: after.meanDistance, annotated });
  }
}

const before = mean(songs.map((song) => song.before));
const after = mean(songs.map((song) => song.after));
const agreeing = songs.filter((song) => song.difference <= TOLERANCE);
const agreement = agreeing.length / songs.length;
const barred = songs.filter((song) => song.barDifference !== undefined);
const barAgreement = barred.filter((song) => (song.barDifference ?? 1) <= TOLERANCE).length;

console.log(`songs of one tempo: ${songs.length}`);
console.log(`mean distance to the 16th grid: ${before.toFixed(4)} before, ${after.toFixed(4)} with offset,`);
console.log(`  ${mean(songs.map((song) => song.annotated)).toFixed(4)} with annotated beats (chance: 0.25)`);
console.log(`beats as annotated: ${agreeing.length} of ${songs.length} (${(100 * agreement).toFixed(1)} %)`);
console.log(`bar lines as annotated, where those are regular: ${barAgreement} of ${barred.length}`);
console.log(
  `songs of several tempos: ${others.length}; mean distance ${mean(others.map((song) => song.before)).toFixed(4)} before, ` +
    `${mean(others.map((song) => song.after)).toFixed(4)} with offset, ` +
    `${mean(others.map((song) => song.annotated)).toFixed(4)} with annotated beats`,
);
for (const song of songs) {
  if (song.difference > TOLERANCE)
    console.log(`  not as annotated: ${song.name}, ${song.difference.toFixed(2)} of a 16th`);
}
process.exitCode = after <= MOST_DISTANCE && agreement >= LEAST_AGREEMENT ? 0 : 1;

function figuresOf(name: string, score: Score, beats: readonly AnnotatedBeat[]): Figures {
  const estimate = estimateOffset(score);
  const { tickAt } = tempoMap(score);
  const sixteenth = score.ticksPerQuarter / 4;
  const inSixteenths = (beat: AnnotatedBeat): number => tickAt(beat.seconds) / sixteenth;
  const truth = circularMean(beats.map(inSixteenths), 4);
  const bars = circularMean(beats.filter((beat) => beat.startsBar).map(inSixteenths), 16);
  const meter = { numerator: 4, denominator: 4 };
  const barOffset = estimateOffset(score, meter).offsetTicks / sixteenth;
  return {
    name,
    before: estimate.before.meanDistance,
    after: estimate.after.meanDistance,
    annotated: gridFit(alignToBeats(score, beats)).meanDistance,
    difference: circularDistance(estimate.offsetTicks / sixteenth, truth.direction, 4),
    barDifference: bars.resultant > 0.99 ? circularDistance(barOffset, bars.direction, 16) : undefined,
  };
}

function circularMean(values: readonly number[], period: number): { direction: number; resultant: number } {
  const x = mean(values.map((value) => Math.cos((2 * Math.PI * value) / period)));
  const y = mean(values.map((value) => Math.sin((2 * Math.PI * value) / period)));
  return { direction: (Math.atan2(y, x) / (2 * Math.PI)) * period, resultant: Math.hypot(x, y) };
}

function circularDistance(a: number, b: number, period: number): number {
  const difference = (a - b) / period;
  return Math.abs(difference - Math.round(difference)) * period;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
