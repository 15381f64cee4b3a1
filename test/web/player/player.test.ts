import { describe, expect, it } from "vitest";
import { onePlayerForEachTest, open, player } from "./one-player.js";

onePlayerForEachTest();

describe("showing a piece", () => {
  it("names it, its length, tempo, meter and tracks", async () => {
    await open();
    const { element, page } = player;
    await expect(element.getByRole("heading", { level: 2 }).textContent()).resolves.toBe("Song");
    expect(await element.locator(".clock").textContent()).toBe("0:00/0:16");
    expect(await element.locator(".moment").textContent()).toBe("♩ = 1204/4");
    expect(await page.getByRole("application").getAttribute("aria-label")).toBe("56 notes in 3 tracks");
    await player.button("Tracks").click();
    expect(await element.getByRole("listitem").allTextContents()).toEqual([
      "LeadFlute · 16 notesMS",
      "BassAcoustic Bass · 8 notesMS",
      "Drums32 notesMS",
    ]);
  });

  it("takes the title from the address where none is given", async () => {
    await open({ attributes: 'src="/song.mid"' });
    expect(await player.element.getByRole("heading", { level: 2 }).textContent()).toBe("song");
  });

  it("has as many device pixels as the screen", async () => {
    await open({ deviceScaleFactor: 2, width: 600 });
    const stage = await player.part("stage");
    const size = () =>
      player.ask(({ roll }) => {
        const { width, height } = roll.element.shadowRoot!.querySelector<HTMLCanvasElement>(".stage canvas")!;
        return { width, height };
      });
    expect(await size()).toEqual({ width: 2 * stage.width, height: 2 * stage.height });
    // As when the window is moved to another screen.
    const session = await player.page.context().newCDPSession(player.page);
    const metrics = { width: 600, height: 800, deviceScaleFactor: 3, mobile: false };
    await session.send("Emulation.setDeviceMetricsOverride", metrics);
    await player.page.waitForFunction(() => devicePixelRatio === 3);
    await player.ask(({ roll }) => roll.zoomBy(2));
    await player.drawn();
    expect(await size()).toEqual({ width: 3 * stage.width, height: 3 * stage.height });
  });

  it("draws notes where they are said to be, in the colour of their track", async () => {
    await open();
    const { x, y } = await player.note(0, 3);
    const stage = await player.part("stage");
    const pixel = await player.ask(
      new Function(
        "player",
        `const canvas = player.roll.element.shadowRoot.querySelector(".stage canvas");
         return [...canvas.getContext("2d").getImageData(${Math.round(x - stage.x)}, ${Math.round(y - stage.y)}, 1, 1).data];`,
      ) as () => number[],
    );
    // Velocity 80 of 127 is shade 5 of 0 to 7: 80 % of #3964d3 over #fdfcf9.
    for (const [channel, value] of [96, 130, 219].entries()) expect(pixel[channel]).toBeCloseTo(value, -1);
  });
});

describe("playing", () => {
  it("plays, tells the time, and pauses, by the button and by the space bar", async () => {
    await open();
    await player.play();
    expect(await player.ask(() => fake.calls)).toEqual(["load", "play 0"]);
    await player.soundAt(5.3);
    expect(await player.element.locator(".now").textContent()).toBe("0:05");
    expect(await player.element.locator(".place").textContent()).toBe("3.3");
    expect(await player.slider("Position").getAttribute("aria-valuetext")).toBe(
      "bar 3, beat 3, 5 seconds of 16 seconds",
    );
    await player.page.getByRole("application").focus();
    await player.page.keyboard.press(" ");
    expect(await player.ask(({ playing, position }) => [playing, position])).toEqual([false, 5.3]);
    expect(await player.button("Play").count()).toBe(1);
    expect(await player.said()).toBe("Paused at bar 3, beat 3.6");
    await player.page.keyboard.press("k");
    expect(await player.ask(() => [fake.calls.at(-1), ...told])).toEqual([
      "play 5.3",
      "play",
      "pause",
      "play",
    ]);
  });

  it("draws the playhead where the sound is, to the pixel", async () => {
    await open();
    await player.play();
    for (const seconds of [1, 2.5, 7.25]) {
      await player.soundAt(seconds);
      const found = await player.ask(({ roll }) => {
        const canvas = roll.element.shadowRoot!.querySelectorAll<HTMLCanvasElement>(".stage canvas")[1];
        const { data } = canvas.getContext("2d")!.getImageData(0, 2, canvas.width, 1);
        const columns = Array.from({ length: canvas.width }, (_, x) => x).filter(
          (x) => data[x * 4 + 3] > 200,
        );
        const { from, to } = roll.visible;
        return { columns, perTick: canvas.width / (to - from), from };
      });
      const x = (seconds * 960 - found.from) * found.perTick;
      expect(found.columns.length).toBe(2);
      expect(Math.abs(found.columns[1] - x)).toBeLessThanOrEqual(1);
    }
  });

  it("stands at the end when the piece is over, and starts anew", async () => {
    await open();
    await player.play();
    await player.page.evaluate(() => fake.emit("ended"));
    expect(await player.ask(({ position, playing }) => [position, playing])).toEqual([16, false]);
    expect(await player.page.evaluate(() => told.at(-1))).toBe("ended");
    await player.play();
    expect(await player.page.evaluate(() => fake.calls.at(-1))).toBe("play 0");
  });

  it("tells the time about four times a second while it plays", async () => {
    await open();
    const count = await player.page.evaluate(async () => {
      const element = document.querySelector("attacca-player")!;
      const times: number[] = [];
      element.addEventListener("timeupdate", (event) => times.push((event as CustomEvent).detail.position));
      await element.play();
      for (const position of [1, 2, 3]) {
        fake.position = position;
        while (times.at(-1) !== position) await new Promise(requestAnimationFrame);
      }
      element.pause();
      return times.length;
    });
    expect(count).toBeGreaterThanOrEqual(3);
    expect(count).toBeLessThanOrEqual(6);
  });

  it("draws nothing while nothing changes", async () => {
    await open();
    const frames = await player.page.evaluate(async () => {
      for (let frame = 0; frame < 5; frame++) await new Promise(requestAnimationFrame);
      let asked = 0;
      const original = globalThis.requestAnimationFrame;
      globalThis.requestAnimationFrame = (callback) => {
        asked += 1;
        return original(callback);
      };
      for (let frame = 0; frame < 10; frame++) await new Promise((resolve) => original(resolve));
      return asked;
    });
    expect(frames).toBe(0);
  });
});

describe("seeking", () => {
  const position = () => player.ask((element) => element.position);

  it("goes where one clicks on the roll, beside a note", async () => {
    await open();
    const stage = await player.part("stage");
    const { x } = await player.note(1, 2);
    await player.page.mouse.click(x, stage.y + 3);
    expect(await position()).toBeCloseTo(5, 1);
    expect(await player.ask(({ roll }) => roll.selected)).toBeUndefined();
  });

  it.each(["bar numbers", "overview"])("follows the pointer on the %s", async (where) => {
    await open();
    await player.ask(({ roll }) => roll.fit());
    const box = where === "overview" ? await player.slider("Position").boundingBox() : undefined;
    const { x, y, width, height } = box ?? (await player.part("ruler"));
    await player.page.mouse.move(x + width * 0.25, y + height / 2);
    await player.page.mouse.down();
    expect(await position()).toBeCloseTo(4, 1);
    await player.page.mouse.move(x + width * 0.5, y + height / 2, { steps: 4 });
    expect(await position()).toBeCloseTo(8, 1);
    await player.page.mouse.up();
    await player.page.mouse.move(x + width * 0.75, y + height / 2);
    expect(await position()).toBeCloseTo(8, 1);
  });

  it.each([
    [["ArrowRight"], 0.5],
    [["ArrowRight", "ArrowRight", "ArrowLeft"], 0.5],
    [["Shift+ArrowRight"], 2],
    [["End"], 16],
    [["End", "Shift+ArrowLeft"], 14],
    [["End", "Home"], 0],
    [["End", "ArrowLeft"], 15.5],
  ])("goes by %j to %d seconds", async (keys, seconds) => {
    await open();
    await player.page.getByRole("application").focus();
    for (const key of keys) await player.page.keyboard.press(key);
    expect(await position()).toBeCloseTo(seconds, 9);
    expect(await player.said()).toMatch(/^bar \d, beat \d, \d+ seconds? of 16 seconds$/);
  });

  it("moves the sound too while it plays, and tells of it", async () => {
    await open();
    await player.play();
    await player.slider("Position").press("Shift+ArrowRight");
    expect(await player.page.evaluate(() => [fake.position, told.at(-1), fake.playing])).toEqual([
      2,
      "seek",
      true,
    ]);
  });
});

describe("the loop", () => {
  it("goes from A to B, on and off, by buttons", async () => {
    await open();
    await player.play();
    await player.soundAt(4);
    await player.button("Loop from here").click();
    await player.soundAt(8);
    await player.button("Loop up to here").click();
    expect(await player.page.evaluate(() => fake.loop)).toEqual({ from: 4, to: 8 });
    expect(await player.button("Loop").getAttribute("aria-pressed")).toBe("true");
    await player.button("Loop").click();
    expect(await player.page.evaluate(() => fake.loop)).toBeUndefined();
  });

  it("goes from [ to ], and by L, and says so", async () => {
    await open();
    await player.play();
    await player.page.getByRole("application").focus();
    await player.soundAt(2);
    await player.page.keyboard.press("[");
    await player.soundAt(6);
    await player.page.keyboard.press("]");
    expect(await player.said()).toBe("Loop from bar 2, beat 1 to bar 4, beat 1");
    expect(await player.page.evaluate(() => fake.loop)).toEqual({ from: 2, to: 6 });
    await player.page.keyboard.press("Shift+L");
    expect(await player.page.evaluate(() => fake.loop)).toEqual({ from: 0, to: 16 });
    await player.page.keyboard.press("l");
    expect(await player.said()).toBe("Loop off");
  });

  it("is marked by a drag with shift, on whole beats, and taken away by a click with shift", async () => {
    await open();
    await player.ask(({ roll }) => roll.fit());
    const { x, y, width, height } = await player.part("ruler");
    const at = (share: number) => [x + width * share, y + height / 2] as const;
    await player.page.keyboard.down("Shift");
    await player.page.mouse.move(...at(0.128));
    await player.page.mouse.down();
    await player.page.mouse.move(...at(0.372), { steps: 5 });
    await player.page.mouse.up();
    await player.play();
    expect(await player.page.evaluate(() => fake.loop)).toEqual({ from: 2, to: 6 });
    await player.page.mouse.click(...at(0.2));
    expect(await player.page.evaluate(() => fake.loop)).toBeUndefined();
    await player.page.keyboard.up("Shift");
  });

  it("is on from the start with the attribute", async () => {
    await open({ attributes: 'src="/song.mid" loop' });
    await player.play();
    expect(await player.page.evaluate(() => fake.loop)).toEqual({ from: 0, to: 16 });
    await player.ask((element) => element.removeAttribute("loop"));
    expect(await player.page.evaluate(() => fake.loop)).toBeUndefined();
  });
});

describe("tempo and volume", () => {
  it("are set by sliders, from a quarter to four times", async () => {
    await open();
    await player.play();
    const tempo = player.slider("Tempo");
    await tempo.press("Home");
    expect(await player.page.evaluate(() => fake.rate)).toBe(0.25);
    expect(await tempo.getAttribute("aria-valuetext")).toBe("25 %");
    expect(await player.element.locator(".tempo").textContent()).toBe("♩ = 30");
    await tempo.press("End");
    expect(await player.page.evaluate(() => fake.rate)).toBe(4);
    await tempo.dblclick();
    expect(await player.page.evaluate(() => fake.rate)).toBe(1);
    await player.slider("Volume").press("Home");
    expect(await player.page.evaluate(() => fake.volume)).toBe(0);
    await player.slider("Volume").press("End");
    expect(await player.page.evaluate(() => fake.volume)).toBe(1.5);
  });

  it("changes in steps of five percent by keys", async () => {
    await open();
    await player.page.getByRole("application").focus();
    for (const key of [".", ".", ","]) await player.page.keyboard.press(key);
    expect(await player.ask(({ rate }) => rate)).toBe(1.05);
    expect(await player.said()).toBe("Tempo 105 %");
    await player.page.keyboard.press("/");
    expect(await player.ask(({ rate }) => rate)).toBe(1);
  });
});

describe("tracks", () => {
  it("are muted, heard alone, and made softer", async () => {
    await open();
    await player.button("Tracks").click();
    await player.play();
    await player.button("Mute Bass").click();
    await player.button("Solo Drums").click();
    await player.slider("Volume of Lead").press("Home");
    expect(await player.page.evaluate(() => fake.tracks)).toMatchObject({
      0: { volume: 0 },
      1: { mute: true },
      2: { solo: true },
    });
    expect(await player.button("Mute Bass").getAttribute("aria-pressed")).toBe("true");
    await player.button("Mute Bass").click();
    expect(await player.button("Mute Bass").getAttribute("aria-pressed")).toBe("false");
    expect(await player.page.evaluate(() => fake.tracks[1])).toMatchObject({ mute: false });
  });

  it("are muted and heard alone by their numbers", async () => {
    await open();
    await player.page.getByRole("application").focus();
    await player.page.keyboard.press("2");
    expect(await player.said()).toBe("Bass: mute on");
    await player.page.keyboard.press("Shift+Digit1");
    expect(await player.said()).toBe("Lead: solo on");
    await player.page.keyboard.press("9");
    expect(await player.said()).toBe("No track 9");
    await player.play();
    expect(await player.page.evaluate(() => fake.tracks)).toMatchObject({
      0: { solo: true },
      1: { mute: true },
    });
  });
});

describe("a longer version of the piece", () => {
  it("is taken over while it plays, where it is, without another load", async () => {
    await open();
    await player.play();
    await player.soundAt(6);
    await player.ask(({ roll }) => {
      roll.zoomBy(3);
      roll.follow = "off";
      roll.scrollTo(5000);
    });
    const before = await player.ask(({ roll }) => roll.visible);
    await player.ask((element) => {
      const { score } = element;
      const [lead, ...others] = score.tracks;
      const notes = [...lead.notes, { start: 15_360, duration: 1920, pitch: 60, velocity: 80 }];
      element.loadScore({ ...score, tracks: [{ ...lead, notes }, ...others] }, { keepPosition: true });
    });
    expect(await player.ask(({ position, playing, duration }) => [position, playing, duration])).toEqual([
      6,
      true,
      18,
    ]);
    expect(await player.page.evaluate(() => fake.calls)).toEqual(["load", "play 0", "append"]);
    expect(await player.ask(({ roll }) => roll.visible)).toEqual(before);
  });
});
