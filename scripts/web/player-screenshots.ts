/// <reference lib="dom" />
/**
 * Takes the README's pictures of the player: a bundled prompt and how the bundled checkpoint goes on, light and dark.
 *
 *     npm run build && npm run types && node build/scripts/web/player-screenshots.js [SEED]
 */
import { continueScore, readScore, writeScore } from "attacca";
import { loadModel, readBytes } from "attacca/node";
import type { AttaccaPlayer } from "attacca/player";
import { launchBrowser, openPlayerPage } from "./player-tab.js";

const seed = Number(process.argv[2] ?? 1);
const model = await loadModel("checkpoints/chorales");
const { score } = readScore(await readBytes("data/prompts/chorale.mid"));
const { samples } = await continueScore({ ...model, prompt: score, bars: 4, topP: 0.95, seed });
model.dispose();

const browser = await launchBrowser();
for (const colorScheme of ["light", "dark"] as const) {
  const { page, close } = await openPlayerPage(browser, {
    body: '<attacca-player src="/piece.mid" title="A chorale opening, and how attacca goes on"></attacca-player>',
    files: { "/piece.mid": writeScore(samples[0].score) },
    width: 1080,
    height: 700,
    deviceScaleFactor: 1.5,
    colorScheme,
  });
  const player = page.locator("attacca-player");
  await player.getByText("Continuation").waitFor();
  await player.getByRole("button", { name: "Tracks" }).click();
  await player.getByRole("button", { name: "The whole piece" }).click();
  await player.evaluate((element) => {
    (element as AttaccaPlayer).seek(11.5);
    return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  });
  await page.mouse.move(0, 0);
  await player.screenshot({ path: `docs/images/player-${colorScheme}.png` });
  await close();
}
await browser.close();
