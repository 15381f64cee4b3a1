/// <reference lib="dom" />
// The function that runs in the page knows the page.

/**
 * Measures how fast the player draws, in headless Chromium without a graphics card: a piece of 10,000 notes that plays, with
 * the roll gliding along. Prints the time between frames and the time that a frame's own work takes.
 *
 *     npm run build && npm run types && node build/scripts/web/measure-player.js
 */
import { type Score, writeScore } from "attacca";
import type { AttaccaPlayer } from "attacca/player";
import { launchBrowser, openPlayerPage } from "./player-tab.js";

const notes = 10_000;
const tracks = 8;

/** Eight voices in sixteenths: 10,000 notes in 312 seconds. */
const piece: Score = {
  ticksPerQuarter: 480,
  tempos: [{ tick: 0, microsecondsPerQuarter: 1_000_000 }],
  timeSignatures: [],
  keySignatures: [],
  texts: [],
  tracks: Array.from({ length: tracks }, (_, track) => ({
    name: `Voice ${track + 1}`,
    program: 0,
    isDrum: false,
    channel: track,
    controls: [],
    pitchBends: [],
    notes: Array.from({ length: notes / tracks }, (_, index) => ({
      start: index * 120,
      duration: 110,
      pitch: 36 + track * 7 + ((index * 5) % 12),
      velocity: 40 + ((index * 13) % 80),
    })),
  })),
};

const browser = await launchBrowser();
console.log(`Chromium ${browser.version()}, ${notes} notes in ${tracks} tracks`);
for (const [name, width, ratio, seconds] of [
  ["1280 pixels, gliding", 1280, 1, 10],
  ["1280 pixels at 2 device pixels each, gliding", 1280, 2, 10],
  ["360 pixels at 3 device pixels each, gliding", 360, 3, 10],
] as const) {
  const { page, close } = await openPlayerPage(browser, {
    body: '<attacca-player src="/piece.mid"></attacca-player>',
    files: { "/piece.mid": writeScore(piece) },
    width,
    deviceScaleFactor: ratio,
  });
  await page.waitForFunction(() => "score" in document.body.firstElementChild!);
  const found = await page.evaluate(glide, seconds);
  console.log(
    `${name}: ${found.framesPerSecond.toFixed(1)} frames/s; between frames ${found.median.toFixed(1)} ms (median), ` +
      `${found.slowest.toFixed(1)} ms (99 %); drawing ${found.work.toFixed(2)} ms (median), ${found.mostWork.toFixed(2)} ms (99 %); ` +
      `all ${notes} notes at once: ${found.whole.toFixed(1)} ms`,
  );
  await close();
}
await browser.close();

/** Runs in the page: moves the playhead as a sound at its own tempo would, for some seconds. */
async function glide(seconds: number) {
  const player = document.querySelector("attacca-player") as AttaccaPlayer;
  const { roll } = player;
  const nextFrame = () => new Promise<number>(requestAnimationFrame);
  while (player.score.tracks.length === 0) await nextFrame();
  const between: number[] = [];
  const work: number[] = [];
  const start = await nextFrame();
  for (let before = start; before - start < seconds * 1000; ) {
    const now = await nextFrame();
    between.push(now - before);
    before = now;
    const from = performance.now();
    roll.position = ((now - start) / 1000 + 20) * 480;
    roll.followPlayhead();
    roll.draw();
    work.push(performance.now() - from);
  }
  const at = (values: number[], share: number) =>
    values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
  roll.fit();
  const from = performance.now();
  roll.draw();
  const whole = performance.now() - from;
  return {
    framesPerSecond: (1000 * between.length) / between.reduce((sum, value) => sum + value, 0),
    median: at(between, 0.5),
    slowest: at(between, 0.99),
    work: at(work, 0.5),
    mostWork: at(work, 0.99),
    whole,
  };
}
