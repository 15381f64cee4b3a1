import type { Browser, Locator } from "playwright-core";
import { openPlayerPage, type PlayerPage, type PlayerPageOptions } from "../../../scripts/web/player-tab.js";
import type { AttaccaPlayer } from "../../../src/player/index.js";
import { installFakeSound } from "./fake-sound.js";
import { songBytes } from "./song.js";

export interface PlayerOptions extends PlayerPageOptions {
  /** The element's attributes, as HTML. */
  readonly attributes?: string;
}

/** A rectangle of the page. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A player in a page, with a sound whose clock a test moves. */
export interface Player extends PlayerPage {
  readonly element: Locator;
  button(name: string): Locator;
  slider(name: string): Locator;
  /** What the player or the fake sound says. */
  ask<Value>(question: (player: AttaccaPlayer) => Value): Promise<Value>;
  /** Lets the sound come to a position, and waits until that is shown. */
  soundAt(seconds: number): Promise<void>;
  /** Presses Play, and waits until the sound (the fake one) plays: it begins a little after the click. */
  play(): Promise<void>;
  /** What a screen reader was told last. */
  said(): Promise<string | null>;
  /** A part of the roll: its stage, the line of bar numbers, or the keyboard. */
  part(name: "stage" | "ruler" | "keys" | "tip"): Promise<Box>;
  /** The middle of a note on the page. */
  note(track: number, index: number): Promise<{ readonly x: number; readonly y: number }>;
  /** Waits until what was asked for is drawn. */
  drawn(): Promise<void>;
}

const files = { "/song.mid": songBytes };
// Opening a page takes a second, a new element in it none: tests that need nothing special of a page share one.
const shared = new WeakMap<Browser, Promise<PlayerPage>>();

async function openPage(browser: Browser, options: PlayerOptions, attributes: string): Promise<PlayerPage> {
  const body = `<attacca-player ${attributes}></attacca-player>`;
  if (Object.keys(options).some((name) => name !== "attributes"))
    return openPlayerPage(browser, { body, ...options, files: { ...files, ...options.files } });
  const opening = shared.get(browser) ?? openPlayerPage(browser, { body: "", files });
  shared.set(browser, opening);
  const opened = await opening;
  // A mouse that an earlier test left over the button Play would make the new element load before it has a piece.
  await opened.page.mouse.move(0, 0);
  await opened.page.evaluate((html) => {
    document.body.innerHTML = html;
  }, body);
  return { ...opened, close: async () => {} };
}

/** Opens a page with a player that shows the song (or what its attributes say), and has the fake sound. */
export async function openPlayer(browser: Browser, options: PlayerOptions = {}): Promise<Player> {
  const { attributes = 'src="/song.mid" title="Song"' } = options;
  const opened = await openPage(browser, options, attributes);
  const { page } = opened;
  await page.evaluate(installFakeSound);
  const element = page.locator("attacca-player");
  if (attributes.includes('src="/song.mid"'))
    await page.waitForFunction(() => document.querySelector("attacca-player")!.score.tracks.length > 0);
  // Whether the piece came before or after the list was begun doesn't matter.
  await page.evaluate(() => {
    told.length = 0;
  });
  const drawn = async () => {
    await page.evaluate(async () => {
      for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    });
  };
  await drawn();
  return {
    ...opened,
    element,
    drawn,
    button: (name) => element.getByRole("button", { name, exact: true }),
    slider: (name) => element.getByRole("slider", { name, exact: true }),
    ask: <Value>(question: (player: AttaccaPlayer) => Value) =>
      element.evaluate(question as unknown as (player: Node) => Value) as Promise<Value>,
    soundAt: async (seconds) => {
      await page.evaluate((position) => {
        fake.position = position;
      }, seconds);
      await drawn();
    },
    play: async () => {
      await element.getByRole("button", { name: "Play", exact: true }).click();
      await page.waitForFunction(() => fake.playing);
    },
    said: () => element.locator(".spoken").textContent(),
    part: (name) =>
      element.evaluate((player, part) => {
        const { element } = (player as AttaccaPlayer).roll;
        const { x, y, width, height } = element
          .shadowRoot!.querySelector(`.${part}`)!
          .getBoundingClientRect();
        return { x, y, width, height };
      }, name),
    note: (track, index) =>
      element.evaluate(
        (player, [track, index]) => {
          const { roll } = player as AttaccaPlayer;
          const corner = roll.element.getBoundingClientRect();
          const { x, y, width, height } = roll.areaOf({ track, index })!;
          return { x: corner.x + x + width / 2, y: corner.y + y + height / 2 };
        },
        [track, index] as const,
      ),
  };
}
