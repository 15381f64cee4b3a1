/**
 * Draws the README's picture: a bundled prompt and how the bundled checkpoint goes on.
 *
 *     node build/scripts/draw-sample.js [SEED]
 */
import { continueScore, readScore, rollSvg } from "attacca";
import { loadModel, readBytes, writeAtomic } from "attacca/node";

const seed = Number(process.argv[2] ?? 2);
const model = await loadModel("checkpoints/chorales");
const { score } = readScore(await readBytes("data/prompts/chorale.mid"));
const { samples, seam } = await continueScore({ ...model, prompt: score, bars: 4, topP: 0.95, seed });
await writeAtomic(
  "docs/images/sample.svg",
  rollSvg(samples[0].score, {
    width: 960,
    height: 360,
    mark: seam,
    title: "A chorale opening, and how attacca goes on",
  }),
);
model.dispose();
