/**
 * Takes the README's pictures of the player and the studio, in headless Chromium, into docs/images.
 *
 *     npm run build && npm run types && node build/scripts/screenshots.js
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateFiles } from "attacca/node";
import type { Page } from "playwright-core";
import { startPreview } from "#built/node/preview.js";
import { launchBrowser } from "./web/player-tab.js";

/** What this script uses of `<attacca-player>`; scripts are compiled without the DOM. */
interface Player {
  readonly duration: number;
  seek(seconds: number): void;
}

const IMAGES = "docs/images";
const folder = await mkdtemp(join(tmpdir(), "attacca-screenshots-"));
const piece = "Chorale, continued";
await generateFiles({
  checkpoint: "checkpoints/chorales",
  prompt: "data/prompts/chorale.mid",
  out: join(folder, `${piece}.mid`),
  bars: 4,
  topP: 0.95,
  seed: 1,
});
const preview = await startPreview({ paths: [folder] });
const browser = await launchBrowser();

async function open(colorScheme: "light" | "dark", width: number, height: number): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme, reducedMotion: "reduce" });
  await page.goto(preview.url);
  await page.getByRole("link", { name: piece }).waitFor();
  return page;
}

for (const scheme of ["light", "dark"] as const) {
  const page = await open(scheme, 1320, 720);
  await page.goto(new URL(`/player.html?file=0%2F${encodeURIComponent(`${piece}.mid`)}`, preview.url).href);
  const player = page.locator("attacca-player");
  await page.getByRole("heading", { name: piece }).waitFor();
  await page.getByRole("button", { name: "The whole piece" }).click();
  await player.evaluate((element: unknown) => {
    const player = element as Player;
    player.seek(player.duration * 0.55);
  });
  // The pointer leaves what it has clicked on.
  await page.mouse.move(0, 0);
  await player.screenshot({ path: `${IMAGES}/player-${scheme}.png` });
  await page.close();
}

const studio = await open("light", 1280, 960);
await studio.goto(new URL("/studio.html", preview.url).href);
for (const seed of ["1", "2"]) {
  await studio.locator("#go:enabled").waitFor();
  await studio.getByRole("spinbutton", { name: "Seed" }).fill(seed);
  await studio.getByRole("spinbutton", { name: "Bars" }).fill("4");
  const silent = studio.getByRole("checkbox", { name: "Play it as it is made" });
  await silent.uncheck();
  await studio.locator("#go:enabled").click();
  await studio.locator("#go:enabled").waitFor({ timeout: 120_000 });
}
await studio.mouse.move(0, 0);
await studio.screenshot({ path: `${IMAGES}/studio.png` });

await browser.close();
await preview.close();
await rm(folder, { recursive: true });
