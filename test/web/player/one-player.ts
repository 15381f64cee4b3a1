import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { launchBrowser } from "../../../scripts/web/player-tab.js";
import { openPlayer, type Player, type PlayerOptions } from "./open-player.js";

let browser: Browser;

/** The player of the test that runs. */
export let player: Player;

/** Opens the test's player, in a page of its own. */
export async function open(options?: PlayerOptions): Promise<void> {
  player = await openPlayer(browser, options);
}

/** A browser for all tests of a file, each of which opens one player. */
export function onePlayerForEachTest(): void {
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    // Whatever a test did: nothing may have been thrown that nobody caught, or be refused by the page's policy.
    expect(player.problems).toEqual([]);
    await player.close();
  });
}
