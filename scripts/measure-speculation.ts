/**
 * Times generating with and without guesses, in turn, on a checkpoint and a prompt:
 *
 *     node build/scripts/measure-speculation.js CHECKPOINT PROMPT [BARS]
 *
 * Prints a line for each number of guesses: acceptance rate, tokens a pass, the best and the median speed of all rounds, and whether all ids
 * were those of a run without guesses.
 */
import { continueScore, readScore } from "attacca";
import { loadModel, readBytes } from "attacca/node";

const ROUNDS = 7;
const GUESSES = [0, 1, 2, 3, 4, 6, 8];

const [checkpoint, promptPath, bars = "16"] = process.argv.slice(2);
if (promptPath === undefined) throw new Error("usage: measure-speculation.js CHECKPOINT PROMPT [BARS]");
const model = await loadModel(checkpoint);
const prompt = readScore(await readBytes(promptPath)).score;
const speeds = new Map<number, number[]>(GUESSES.map((guesses) => [guesses, []]));
const counts = new Map(
  GUESSES.map((guesses) => [guesses, { drafted: 0, accepted: 0, tokens: 0, equal: true }]),
);

for (let round = 0; round <= ROUNDS; round++) {
  let plain = "";
  for (const speculate of GUESSES) {
    const started = performance.now();
    const { samples, speculation } = await continueScore({
      ...model,
      prompt,
      bars: Number(bars),
      seed: round,
      speculate,
    });
    const seconds = (performance.now() - started) / 1000;
    const [{ ids }] = samples;
    if (speculate === 0) plain = ids.join();
    const count = counts.get(speculate)!;
    count.drafted += speculation?.drafted ?? 0;
    count.accepted += speculation?.accepted ?? 0;
    count.tokens += ids.length;
    count.equal &&= ids.join() === plain;
    // The first round warms up.
    if (round > 0) speeds.get(speculate)!.push(ids.length / seconds);
  }
}

for (const speculate of GUESSES) {
  const { drafted, accepted, tokens, equal } = counts.get(speculate)!;
  const sorted = speeds.get(speculate)!.sort((a, b) => a - b);
  const share = drafted === 0 ? "-" : `${((100 * accepted) / drafted).toFixed(0)} %`;
  const perPass = (tokens / (tokens - accepted)).toFixed(2);
  const [median, best] = [sorted[sorted.length >> 1], sorted[sorted.length - 1]].map(Math.round);
  process.stdout.write(
    `guesses ${speculate}: accepted ${share}, ${perPass} tokens a pass, ${median} tokens/s (best ${best}), ids ${equal ? "equal" : "DIFFER"}\n`,
  );
}
model.dispose();
