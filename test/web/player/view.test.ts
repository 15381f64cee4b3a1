import type { CDPSession } from "playwright-core";
import { describe, expect, it } from "vitest";
import { onePlayerForEachTest, open, player } from "./one-player.js";

onePlayerForEachTest();
const visible = () => player.ask(({ roll }) => roll.visible);
const length = async () => {
  const { from, to } = await visible();
  return to - from;
};

describe("zooming", () => {
  it("keeps what is under the pointer with ctrl and wheel", async () => {
    await open();
    await player.ask(({ roll }) => roll.fit());
    const stage = await player.part("stage");
    const x = stage.x + stage.width * 0.75;
    const tickAt = async () => {
      const { from, to } = await visible();
      return from + ((x - stage.x) / stage.width) * (to - from);
    };
    const before = [await tickAt(), await length()];
    await player.page.mouse.move(x, stage.y + 20);
    await player.page.keyboard.down("Control");
    await player.page.mouse.wheel(0, -240);
    await player.page.keyboard.up("Control");
    await player.drawn();
    expect(await length()).toBeLessThan(before[1] * 0.7);
    expect(await tickAt()).toBeCloseTo(before[0], 3);
  });

  it("goes by buttons and keys, and back to the whole piece", async () => {
    await open();
    await player.ask(({ roll }) => roll.fit());
    const whole = await length();
    expect(whole).toBeCloseTo(15_360, 6);
    await player.button("Zoom in").click();
    expect(await length()).toBeCloseTo(whole / 1.5, 3);
    await player.page.getByRole("application").focus();
    await player.page.keyboard.press("+");
    expect(await length()).toBeCloseTo(whole / 2.25, 3);
    await player.page.keyboard.press("-");
    await player.button("Zoom out").click();
    await player.button("Zoom out").click();
    expect(await length()).toBeCloseTo(whole, 3);
    await player.page.keyboard.press("=");
    await player.page.keyboard.press("0");
    expect(await length()).toBeCloseTo(whole, 3);
    await player.button("Zoom in").click();
    await player.button("The whole piece").click();
    expect(await length()).toBeCloseTo(whole, 3);
  });

  it("follows two fingers", async () => {
    await open({ hasTouch: true });
    await player.ask(({ roll }) => roll.fit());
    const { x, y, width } = await player.part("stage");
    const session: CDPSession = await player.page.context().newCDPSession(player.page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", shares: readonly number[]) =>
      session.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: shares.map((share, id) => ({ x: x + width * share, y: y + 40, id })),
      });
    const before = await length();
    await touch("touchStart", [0.4, 0.6]);
    for (const spread of [0.12, 0.15, 0.2]) await touch("touchMove", [0.5 - spread, 0.5 + spread]);
    await touch("touchEnd", []);
    expect(await length()).toBeCloseTo(before / 2, -2);
    // A tap that was no tap moves nothing.
    expect(await player.ask((element) => element.position)).toBe(0);
  });

  it("makes lines of pitches higher, and scrolls them", async () => {
    await open();
    await player.page.getByRole("application").focus();
    const top = () => player.ask(({ roll }) => roll.areaOf({ track: 0, index: 0 })!);
    const before = await top();
    for (let press = 0; press < 4; press++) await player.page.keyboard.press("Shift+ArrowUp");
    const after = await top();
    expect(after.height).toBeGreaterThan(before.height * 1.5);
    await player.page.keyboard.press("ArrowDown");
    expect((await top()).y).toBeLessThan(after.y);
    await player.page.keyboard.press("ArrowUp");
    expect((await top()).y).toBeCloseTo(after.y, 6);
  });
});

describe("scrolling", () => {
  it("goes by dragging and by the wheel, not past the ends", async () => {
    await open();
    await player.ask(({ roll }) => roll.zoomBy(2));
    const stage = await player.part("stage");
    const perPixel = (await length()) / stage.width;
    await player.page.mouse.move(stage.x + 400, stage.y + 4);
    await player.page.mouse.down();
    await player.page.mouse.move(stage.x + 300, stage.y + 4, { steps: 4 });
    await player.page.mouse.up();
    expect((await visible()).from).toBeCloseTo(100 * perPixel, 3);
    expect(await player.ask((element) => element.position)).toBe(0);
    await player.page.mouse.wheel(50, 0);
    await player.drawn();
    expect((await visible()).from).toBeCloseTo(150 * perPixel, 3);
    await player.page.keyboard.down("Shift");
    await player.page.mouse.wheel(0, 50);
    await player.page.keyboard.up("Shift");
    await player.drawn();
    expect((await visible()).from).toBeCloseTo(200 * perPixel, 3);
    await player.page.mouse.wheel(-9999, 0);
    await player.drawn();
    expect((await visible()).from).toBe(0);
  });

  it("leaves the wheel to the page where the roll has nothing to scroll", async () => {
    await open({ height: 300 });
    const { x, y } = await player.part("stage");
    await player.page.mouse.move(x + 50, y + 50);
    await player.page.mouse.wheel(0, 80);
    await player.page.waitForFunction(() => scrollY > 0);
  });

  it("follows the playhead at a third of the width, until someone drags the roll away", async () => {
    await open();
    await player.ask(({ roll }) => roll.zoomBy(3));
    await player.button("Play").click();
    await player.soundAt(8);
    const share = async () => {
      const { from, to } = await visible();
      return (8 * 960 - from) / (to - from);
    };
    expect(await share()).toBeCloseTo(0.35, 2);
    const follow = player.button("Follow the playhead");
    expect(await follow.getAttribute("aria-pressed")).toBe("true");
    const stage = await player.part("stage");
    await player.page.mouse.move(stage.x + 400, stage.y + 4);
    await player.page.mouse.down();
    await player.page.mouse.move(stage.x + 300, stage.y + 4, { steps: 4 });
    await player.page.mouse.up();
    expect(await follow.getAttribute("aria-pressed")).toBe("false");
    const away = await visible();
    await player.soundAt(9);
    expect(await visible()).toEqual(away);
    await follow.click();
    await player.soundAt(8);
    expect(await share()).toBeCloseTo(0.35, 2);
  });

  it("turns pages for those who want less motion", async () => {
    await open({ reducedMotion: "reduce" });
    await player.ask(({ roll }) => roll.zoomBy(3));
    await player.button("Play").click();
    await player.soundAt(1);
    expect((await visible()).from).toBe(0);
    const { to } = await visible();
    await player.soundAt((0.9 * to) / 960);
    expect((await visible()).from).toBe(0);
    await player.soundAt((0.95 * to) / 960);
    const page = await visible();
    expect(page.from).toBeGreaterThan(0.8 * to);
    await player.soundAt((1.2 * to) / 960);
    expect(await visible()).toEqual(page);
  });
});

describe("notes", () => {
  it("are described under the pointer, and chosen by a click", async () => {
    await open();
    const { x, y } = await player.note(0, 3);
    const tip = () =>
      player.ask(({ roll }) => {
        const tip = roll.element.shadowRoot!.querySelector<HTMLElement>(".tip")!;
        return tip.hidden ? undefined : tip.textContent;
      });
    await player.page.mouse.move(x, y);
    expect(await tip()).toBe("D#4 (63), velocity 80\nbar 2, beat 3, 2 quarters\nLead, Flute");
    const stage = await player.part("stage");
    const box = await player.part("tip");
    expect(box.x).toBeGreaterThanOrEqual(stage.x - 46);
    await player.page.mouse.click(x, y);
    expect(await player.ask(({ roll }) => roll.selected)).toMatchObject({ track: 0, index: 3 });
    expect(await player.page.evaluate(() => told.at(-1))).toBe("noteselect");
    expect(await player.ask((element) => element.position)).toBe(0);
    await player.page.mouse.move(x, stage.y + 2);
    expect(await tip()).toBeUndefined();
  });

  it("are read out one after the other by keys, and gone to", async () => {
    await open();
    await player.page.getByRole("application").focus();
    await player.page.keyboard.press("n");
    expect(await player.said()).toBe("C4 (60), velocity 80, bar 1, beat 1, 2 quarters, Lead, Flute");
    await player.page.keyboard.press("n");
    expect(await player.said()).toBe("F2 (41), velocity 80, bar 1, beat 1, 4 quarters, Bass, Acoustic Bass");
    for (let press = 0; press < 3; press++) await player.page.keyboard.press("n");
    expect(await player.said()).toBe("C#4 (61), velocity 80, bar 1, beat 3, 2 quarters, Lead, Flute");
    await player.page.keyboard.press("Enter");
    expect(await player.ask((element) => element.position)).toBe(1);
    await player.page.keyboard.press("p");
    expect(await player.said()).toBe("Snare (38), velocity 80, bar 1, beat 2, 0.25 quarters, Drums");
    await player.page.keyboard.press("Escape");
    expect(await player.ask(({ roll }) => roll.selected)).toBeUndefined();
  });

  it("light up their keys and themselves while they sound", async () => {
    await open();
    const colours = async () => {
      const { x, y } = await player.note(0, 2);
      const [stage, keys] = [await player.part("stage"), await player.part("keys")];
      return player.page.evaluate(
        ([noteX, noteY, keyY]) => {
          const root = document.querySelector("attacca-player")!.roll.element.shadowRoot!;
          const pixel = (canvas: HTMLCanvasElement, x: number, y: number) => [
            ...canvas.getContext("2d")!.getImageData(x, y, 1, 1).data,
          ];
          const [, moving] = root.querySelectorAll<HTMLCanvasElement>(".stage canvas");
          return {
            note: pixel(moving, noteX, noteY),
            key: pixel(root.querySelector<HTMLCanvasElement>(".keys canvas")!, 3, keyY),
          };
        },
        [Math.round(x - stage.x), Math.round(y - stage.y), Math.round(y - keys.y)] as const,
      );
    };
    expect(await colours()).toEqual({ note: [0, 0, 0, 0], key: [255, 255, 255, 255] });
    await player.button("Play").click();
    await player.soundAt(2.2);
    const first = [57, 100, 211, 255];
    expect(await colours()).toEqual({ note: first, key: first });
    await player.page.keyboard.press("1");
    await player.drawn();
    expect(await colours()).toEqual({ note: [0, 0, 0, 0], key: [255, 255, 255, 255] });
  });
});

describe("where the prompt ends", () => {
  const paperAt = (tick: number) =>
    player.element.evaluate((element, tick) => {
      const { roll } = element as HTMLElementTagNameMap["attacca-player"];
      const canvas = roll.element.shadowRoot!.querySelector<HTMLCanvasElement>(".stage canvas")!;
      const { from, to } = roll.visible;
      const x = Math.round(((tick - from) / (to - from)) * canvas.width);
      // The lowest line but one is a drum's, where nothing is drawn between the beats.
      return [...canvas.getContext("2d")!.getImageData(x, canvas.height - 2, 1, 1).data];
    }, tick);

  it.each([
    ['prompt-end="bar:3"', 3840],
    ['prompt-end="6"', 5760],
  ])("is marked by %s", async (attribute, tick) => {
    await open({ attributes: `src="/song.mid" ${attribute}` });
    expect(await player.ask(({ promptEnd }) => promptEnd)).toBe(tick);
    expect(await player.element.locator(".seam").isVisible()).toBe(true);
    await player.ask(({ roll }) => roll.fit());
    await player.drawn();
    expect(await paperAt(tick - 240)).toEqual([253, 252, 249, 255]);
    expect(await paperAt(tick + 240)).toEqual([251, 238, 221, 255]);
    await player.page.getByRole("application").focus();
    await player.page.keyboard.press("j");
    expect(await player.ask((element) => element.roll.position)).toBeCloseTo(tick, 6);
  });

  it("is where a generated piece's marker stands, or where a property says", async () => {
    await open();
    expect(await player.element.locator(".seam").isVisible()).toBe(false);
    await player.ask((element) => {
      const { score } = element;
      element.loadScore({ ...score, texts: [{ tick: 1920, kind: "marker", text: "attacca" }] });
    });
    expect(await player.ask(({ promptEnd }) => promptEnd)).toBe(1920);
    await player.ask((element) => {
      element.promptEnd = 3840;
    });
    expect(await player.ask(({ promptEnd }) => promptEnd)).toBe(3840);
  });
});

describe("the roll alone", () => {
  it("shows a score, and says where one wants to be", async () => {
    await open();
    const told = await player.page.evaluate(async () => {
      const original = document.querySelector("attacca-player")!;
      const Roll = original.roll.constructor as new () => typeof original.roll;
      const roll = new Roll();
      roll.element.style.height = "200px";
      document.body.append(roll.element);
      roll.score = original.score;
      const seen: number[] = [];
      const end = roll.on("seek", ({ tick }) => seen.push(tick));
      for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
      const ruler = roll.element.shadowRoot!.querySelector(".ruler")!;
      const { x, y, width } = ruler.getBoundingClientRect();
      const at = { clientX: x + width / 2, clientY: y + 5, button: 0, pointerId: 1 };
      // A made-up pointer can't be captured.
      ruler.setPointerCapture = () => {};
      ruler.dispatchEvent(new PointerEvent("pointerdown", at));
      end();
      ruler.dispatchEvent(new PointerEvent("pointermove", at));
      const { from, to } = roll.visible;
      roll.dispose();
      roll.element.remove();
      return { seen, middle: (from + to) / 2 };
    });
    expect(told.seen).toHaveLength(1);
    expect(told.seen[0]).toBeCloseTo(told.middle, 3);
  });
});
