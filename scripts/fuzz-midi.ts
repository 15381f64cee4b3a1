/**
 * Feeds mutated MIDI files to the MIDI room and reports crashes, the slowest input and memory.
 *
 *     node build/scripts/fuzz-midi.js [--count 100000] [--seed N] [folder of .mid files]
 *
 * Without a folder it mutates the small files of test/golden/midi. Fails on anything thrown that isn't an
 * AttaccaError, on any input that takes a second of processor time, and on 64 MB above the memory at the start.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as attacca from "attacca";
import { exercise } from "./exercise-midi.js";
import { mutate } from "./mutate-midi.js";

const MEGABYTE = 2 ** 20;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: "string", default: "100000" }, seed: { type: "string", default: "1" } },
});
const count = Number(values.count);
const seed = Number(values.seed);

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

function loadFiles(folder: string | undefined): Uint8Array[] {
  if (folder === undefined) {
    const golden = new URL("../../test/golden/midi/symusic.json", import.meta.url);
    const { cases } = JSON.parse(readFileSync(golden, "utf8")) as { cases: { file: string }[] };
    return cases.map(({ file }) => new Uint8Array(Buffer.from(file, "base64")));
  }
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".mid"),
  );
  return paths.sort().map((path) => new Uint8Array(readFileSync(join(folder, path))));
}

const files = loadFiles(positionals[0]);
if (files.length === 0) throw new Error(`no .mid files in ${positionals[0]}`);
const input = (index: number): Uint8Array => {
  const random = attacca.randomStream(seed, "fuzz-midi", index);
  return mutate(files[random.below(files.length)], files, random);
};

// The compiler and the heap reach their working size first: the baseline is a process that reads files all day.
for (const file of files.slice(0, 200)) exercise(file, attacca);
collectGarbage();
const baseline = process.memoryUsage.rss();
const started = performance.now();
let crashes = 0;
let readable = 0;
let slowest = { index: -1, milliseconds: 0, bytes: 0 };
let peak = baseline;
for (let index = 0; index < count; index++) {
  const bytes = input(index);
  // Processor time: on a machine that is busy elsewhere, any input takes long by the clock.
  const before = process.cpuUsage();
  try {
    if (exercise(bytes, attacca)) readable++;
  } catch (error) {
    crashes++;
    const name = `fuzz-midi-${seed}-${index}.mid`;
    writeFileSync(name, bytes);
    console.log(`input ${index} (${bytes.length} bytes, written to ${name}):`, error);
  }
  const { user, system } = process.cpuUsage(before);
  const milliseconds = (user + system) / 1000;
  if (milliseconds > slowest.milliseconds) slowest = { index, milliseconds, bytes: bytes.length };
  peak = Math.max(peak, process.memoryUsage.rss());
  if (index % 5000 === 4999 && process.stderr.isTTY) process.stderr.write(`\r${index + 1} of ${count}`);
}
const seconds = (performance.now() - started) / 1000;
const above = (peak - baseline) / MEGABYTE;
console.log(`${count} inputs from ${files.length} files, seed ${seed}, in ${seconds.toFixed(0)} s`);
console.log(`crashes: ${crashes}; readable in lenient mode: ${readable}`);
console.log(
  `slowest: input ${slowest.index}, ${slowest.milliseconds.toFixed(1)} ms for ${slowest.bytes} bytes`,
);
console.log(`memory: ${above.toFixed(1)} MB above the ${(baseline / MEGABYTE).toFixed(0)} MB of the start`);
process.exitCode = crashes === 0 && slowest.milliseconds < 1000 && above < 64 ? 0 : 1;
