import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../../../scripts/web/player-tab.js";
import { writeScore } from "../../../src/midi/index.js";
import { cases } from "../../midi/faulty-files.js";
import { mutatedFiles } from "../../midi/mutated-files.js";
import { scoreOf } from "../../view/scores.js";
import { openPlayer, type Player, type PlayerOptions } from "./open-player.js";
import { song, songBytes } from "./song.js";

let browser: Browser;
let player: Player;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
afterEach(async () => {
  expect(player.problems).toEqual([]);
  await player.close();
});

const open = async (options?: PlayerOptions) => {
  player = await openPlayer(browser, options);
};
const errorText = () => player.element.getByRole("alert").textContent();

/** Drops files onto the player, as a hand would. */
const drop = (files: readonly { readonly name: string; readonly bytes: Uint8Array | readonly number[] }[]) =>
  player.element.evaluate(
    (element, files) => {
      const transfer = new DataTransfer();
      for (const { name, bytes } of files) transfer.items.add(new File([new Uint8Array(bytes)], name));
      const target = element.shadowRoot!.querySelector(".player")!;
      const over = () => element.shadowRoot!.querySelector<HTMLElement>(".drop")!.checkVisibility();
      const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
      target.dispatchEvent(new DragEvent("dragenter", options));
      const wasShown = over();
      target.dispatchEvent(new DragEvent("dragover", options));
      target.dispatchEvent(new DragEvent("drop", options));
      return [wasShown, over()];
    },
    files.map(({ name, bytes }) => ({ name, bytes: [...bytes] })),
  );

describe("files", () => {
  it("are taken by dropping them: a piece, and a soundfont", async () => {
    await open({ attributes: "" });
    expect(await player.element.getByText("Drop a MIDI file here").isVisible()).toBe(true);
    expect(await drop([{ name: "my_tune.mid", bytes: songBytes }])).toEqual([true, false]);
    await player.element.getByRole("heading", { name: "my tune" }).waitFor();
    expect(await player.element.getByText("Drop a MIDI file here").isVisible()).toBe(false);
    await drop([{ name: "piano.sf2", bytes: [82, 73, 70, 70] }]);
    await player.button("Sound").click();
    await player.element.getByText("Soundfont: piano.sf2").waitFor();
    expect(await player.page.evaluate(() => fake.calls)).toEqual(["soundfont 4"]);
  });

  it("can be chosen in a dialog", async () => {
    await open({ attributes: "" });
    const chooser = player.page.waitForEvent("filechooser");
    await player.button("Choose a MIDI file…").click();
    await (await chooser).setFiles({
      name: "chosen.mid",
      mimeType: "audio/midi",
      buffer: Buffer.from(songBytes),
    });
    await player.element.getByRole("heading", { name: "chosen" }).waitFor();
  });

  it("that are bad are shown and told, and leave what is there", async () => {
    await open();
    await drop([{ name: "bad.mid", bytes: [1, 2, 3] }]);
    await player.page.waitForFunction(() => told.includes("error"));
    expect(await errorText()).toMatch(/^invalid .*MThd/);
    expect(await player.ask(({ score }) => score.tracks.length)).toBe(3);
    await player.button("Dismiss").click();
    expect(await player.element.getByRole("alert").count()).toBe(0);
    await drop([{ name: "bad.sf2", bytes: [1] }]);
    await player.page.waitForFunction(() => told.filter((name) => name === "error").length === 2);
    expect(await errorText()).toBe("not a soundfont");
    await drop([{ name: "good.mid", bytes: songBytes }]);
    await player.element.getByRole("heading", { name: "good" }).waitFor();
    expect(await player.element.getByRole("alert").count()).toBe(0);
  });

  it("that aren't there are shown and told", async () => {
    await open();
    // The browser itself writes the missing address to its console.
    const before = player.problems.length;
    await player.ask((element) => element.setAttribute("src", "/nowhere.mid"));
    await player.element.getByText(/missing .*nowhere\.mid.*404/).waitFor();
    expect(player.problems.slice(before)).toEqual([expect.stringContaining("404")]);
    (player.problems as string[]).length = before;
    expect(await player.page.evaluate(() => told.at(-1))).toBe("error");
    await player.ask((element) => element.setAttribute("src", "data:audio/midi;base64,AAAA"));
    await player.element.getByText(/reached/).waitFor();
    // A policy without data: addresses, which the browser tells too.
    (player.problems as string[]).length = before;
  });

  it("show the last address that was asked for, whichever comes first", async () => {
    const other = writeScore(scoreOf([{ at: [[0, 480, 60]] }]));
    await open({ files: { "/other.mid": other } });
    await player.ask((element) => {
      element.src = "/other.mid";
      element.src = "/song.mid";
    });
    await player.page.waitForFunction(() => told.includes("load"));
    await player.drawn();
    expect(await player.ask(({ score }) => score.tracks.length)).toBe(3);
    expect(await player.page.evaluate(() => told)).toEqual(["load"]);
  });
});

describe("hostile files", () => {
  const markup = `<img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=2</script>`;

  it("have their names shown as text, whatever is in them", async () => {
    await open({ attributes: "" });
    const [lead] = song.tracks;
    const bytes = writeScore({
      ...song,
      tracks: [{ ...lead, name: markup }],
      texts: [{ tick: 0, kind: "marker", text: markup }],
    });
    await drop([{ name: `${markup}.mid`, bytes }]);
    await player.page.waitForFunction(() => told.includes("load"));
    await player.button("Tracks").click();
    const { x, y } = await player.note(0, 1);
    await player.page.mouse.click(x, y);
    await player.page.getByRole("application").focus();
    await player.page.keyboard.press("1");
    expect(await player.element.locator(".name").textContent()).toBe(markup);
    expect(await player.said()).toContain("<img");
    expect(await player.element.locator("img, script").count()).toBe(0);
    expect(await player.page.evaluate(() => "hacked" in globalThis)).toBe(false);
    await player.button("Sound").click();
    await player.button("Find MIDI outputs").click();
    await player.element.getByRole("option", { name: "<b>Piano</b>" }).waitFor({ state: "attached" });
    await player.element.getByLabel("MIDI output").selectOption("a");
    expect(await player.page.evaluate(() => fake.output)).toBe("a");
  });

  it("are shown as far as they can be read, and the player stays usable", async () => {
    await open();
    const files = [...cases.map(({ file }) => file), ...mutatedFiles(200), new Uint8Array([1, 2, 3])].map(
      (file) => [...file],
    );
    const outcomes = await player.element.evaluate(async (element, files) => {
      const player = element as HTMLElementTagNameMap["attacca-player"];
      const outcomes: string[] = [];
      player.addEventListener("load", () => outcomes.push("load"));
      player.addEventListener("error", () => outcomes.push("error"));
      for (const file of files) {
        player.loadBytes(new Uint8Array(file));
        await new Promise(requestAnimationFrame);
      }
      return outcomes;
    }, files);
    expect(outcomes).toHaveLength(files.length);
    expect(new Set(outcomes)).toEqual(new Set(["load", "error"]));
    await drop([{ name: "good.mid", bytes: songBytes }]);
    await player.button("Play").click();
    expect(await player.ask(({ playing, duration }) => [playing, duration])).toEqual([true, 16]);
  });

  it("with the strangest times and meters are drawn without end or harm", async () => {
    await open();
    const strange = [
      scoreOf([{ at: [[0, 1, 0]] }], {
        ticksPerQuarter: 1,
        timeSignatures: [{ tick: 0, numerator: 255, denominator: 2 ** 255 }],
      }),
      scoreOf([{ at: [[268_435_455, 268_435_455, 127]] }], { ticksPerQuarter: 1 }),
      scoreOf([{ at: [[0, 0, 60]] }], {
        ticksPerQuarter: 32_767,
        tempos: [{ tick: 0, microsecondsPerQuarter: 1 }],
      }),
      scoreOf([]),
      scoreOf(
        Array.from({ length: 1000 }, (_, index) => ({ name: `${index}`, at: [[index, 1, 60]] as const })),
      ),
    ];
    const sound = await player.element.evaluate(async (element, scores) => {
      const player = element as HTMLElementTagNameMap["attacca-player"];
      for (const score of scores) {
        player.score = score;
        player.seek(player.duration / 2);
        for (const factor of [1e6, 1e-6, 3]) {
          player.roll.zoomBy(factor);
          await new Promise(requestAnimationFrame);
        }
        await player.play();
        player.pause();
      }
      return player.position;
    }, strange);
    expect(Number.isFinite(sound)).toBe(true);
    await player.button("Tracks").click();
    expect(await player.element.getByRole("listitem").last().textContent()).toBe("and 936 more");
  });
});

describe("the keyboard and screen readers", () => {
  it("find every control, by a name of its own", async () => {
    await open();
    await player.button("Tracks").click();
    await player.button("Sound").click();
    const names = await player.element.evaluate((element) => {
      const all = element.shadowRoot!.querySelectorAll<HTMLElement>("button,input,select,[tabindex]");
      return [...all]
        .filter((each) => each.checkVisibility() && each.tabIndex >= 0)
        .map((each) => each.getAttribute("aria-label") ?? each.textContent ?? "");
    });
    expect(names.filter((name) => name === "")).toEqual([]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(names).toEqual(
      expect.arrayContaining(["Position", "Play", "Tempo", "Mute Lead", "Solo Drums", "Volume of Bass"]),
    );
  });

  it("reach every control with Tab, in the order in which they are seen, and see where they are", async () => {
    await open();
    const stops: string[] = [];
    for (let press = 0; press < 18; press++) {
      await player.page.keyboard.press("Tab");
      const stop = await player.element.evaluate((element) => {
        let active = element.shadowRoot!.activeElement as HTMLElement | null;
        if (active?.shadowRoot) active = active.shadowRoot.activeElement as HTMLElement;
        if (active === null) return "";
        const ring = [getComputedStyle(active), getComputedStyle(active, "::after")].some(
          ({ outlineStyle, outlineWidth, borderStyle, borderWidth, content }) =>
            (outlineStyle !== "none" && outlineWidth === "2px") ||
            (content !== "none" && borderStyle === "solid" && borderWidth === "2px"),
        );
        return `${active.getAttribute("aria-label")}${ring ? "" : " (no ring)"}`;
      });
      if (stop === "") break;
      stops.push(stop);
    }
    expect(stops).toEqual([
      "56 notes in 3 tracks",
      "Position",
      "To the start",
      "Play",
      "Loop from here",
      "Loop",
      "Loop up to here",
      "Tempo",
      "Volume",
      "Zoom out",
      "Zoom in",
      "The whole piece",
      "Follow the playhead",
      "Tracks",
      "Sound",
      "Keys",
    ]);
  });

  it("open the list of keys with a question mark, and close it with Escape", async () => {
    await open();
    await player.button("Zoom in").focus();
    await player.page.keyboard.press("?");
    const dialog = player.element.getByRole("dialog", { name: "Keys" });
    expect(await dialog.isVisible()).toBe(true);
    expect(await dialog.getByText("play or pause").isVisible()).toBe(true);
    await player.page.keyboard.press("k");
    expect(await player.ask(({ playing }) => playing)).toBe(false);
    await player.page.keyboard.press("Escape");
    expect(await dialog.isVisible()).toBe(false);
    const focused = await player.element.evaluate((element) =>
      element.shadowRoot!.activeElement?.getAttribute("aria-label"),
    );
    expect(focused).toBe("Zoom in");
  });

  it("keep the keys of buttons, sliders and menus for them", async () => {
    await open();
    await player.button("Zoom in").focus();
    await player.page.keyboard.press(" ");
    expect(await player.ask(({ playing }) => playing)).toBe(false);
    await player.slider("Tempo").press("ArrowRight");
    expect(await player.ask(({ position, rate }) => [position, rate > 1])).toEqual([0, true]);
    await player.slider("Position").press("ArrowRight");
    expect(await player.ask(({ position }) => position)).toBe(0.5);
  });

  it("show and hide panels, and say whether they are open", async () => {
    await open();
    const tracks = player.button("Tracks");
    expect(await tracks.getAttribute("aria-expanded")).toBe("false");
    await player.page.getByRole("application").focus();
    await player.page.keyboard.press("t");
    expect(await tracks.getAttribute("aria-expanded")).toBe("true");
    expect(await player.element.getByRole("list").isVisible()).toBe(true);
    await player.page.keyboard.press("t");
    expect(await player.element.getByRole("list").count()).toBe(0);
  });
});

describe("looks", () => {
  const colours = () =>
    player.element.evaluate((element) => {
      const { roll, shadowRoot } = element as HTMLElementTagNameMap["attacca-player"];
      const canvas = roll.element.shadowRoot!.querySelector<HTMLCanvasElement>(".stage canvas")!;
      const frame = getComputedStyle(shadowRoot!.querySelector(".player")!);
      return {
        surface: frame.backgroundColor,
        paper: [...canvas.getContext("2d")!.getImageData(200, canvas.height - 2, 1, 1).data].slice(0, 3),
      };
    });
  const light = { surface: "rgb(245, 242, 234)", paper: [253, 252, 249] };
  const dark = { surface: "rgb(29, 32, 38)", paper: [22, 24, 29] };

  it("follow the system, or the attribute", async () => {
    await open();
    expect(await colours()).toEqual(light);
    await player.page.emulateMedia({ colorScheme: "dark" });
    await player.drawn();
    expect(await colours()).toEqual(dark);
    await player.ask((element) => element.setAttribute("theme", "light"));
    await player.drawn();
    expect(await colours()).toEqual(light);
    await player.page.emulateMedia({ colorScheme: "light" });
    await player.ask((element) => element.setAttribute("theme", "dark"));
    await player.drawn();
    expect(await colours()).toEqual(dark);
  });

  it("can be changed by the page's own custom properties, in any syntax of colour", async () => {
    await open();
    await player.ask((element) => {
      element.style.setProperty("--attacca-paper", "oklch(1 0 0)");
      element.roll.refreshTheme();
    });
    await player.drawn();
    expect((await colours()).paper).toEqual([255, 255, 255]);
  });

  it.each([320, 400, 560, 768, 1080, 1280])("fit %d pixels", async (width) => {
    await open({ width, height: 900 });
    await player.button("Tracks").click();
    await player.button("Sound").click();
    const { overflow, small, hidden } = await player.element.evaluate((element) => {
      const frame = element.shadowRoot!.querySelector(".player")!.getBoundingClientRect();
      const controls = [...element.shadowRoot!.querySelectorAll<HTMLElement>("button,input,select")].filter(
        (each) => each.checkVisibility(),
      );
      const name = (each: HTMLElement) => each.getAttribute("aria-label") ?? each.textContent;
      const boxes = controls.map((each) => ({ name: name(each), box: each.getBoundingClientRect() }));
      return {
        overflow: document.documentElement.scrollWidth - innerWidth,
        // WCAG 2.2, 2.5.8: 24 pixels at least.
        small: boxes.filter(({ box }) => box.width < 24 || box.height < 24).map(({ name }) => name),
        hidden: boxes
          .filter(({ box }) => box.left < frame.left || box.right > frame.right)
          .map(({ name }) => name),
      };
    });
    expect({ overflow, small, hidden }).toEqual({ overflow: 0, small: [], hidden: [] });
  });
});

describe("a player without a sound of the page's", () => {
  it("makes its own at the first click, and plays", async () => {
    await open({ attributes: 'src="/song.mid"', width: 801 });
    await player.ask((element) => {
      element.sound = undefined;
    });
    await player.button("Play").click();
    await player.page.waitForFunction(() => document.querySelector("attacca-player")!.position > 0.3);
    const seen = await player.page.evaluate(async () => {
      const element = document.querySelector("attacca-player")!;
      let most = 0;
      for (let frame = 0; frame < 20; frame++) {
        await new Promise(requestAnimationFrame);
        // What this frame drew, against what is heard by now.
        most = Math.max(most, Math.abs(element.position - element.roll.position / 960));
      }
      return { most, kind: element.sound?.kind };
    });
    expect(seen.kind).toBe("synth");
    expect(seen.most).toBeLessThan(0.03);
    await player.button("Pause").click();
    const before = await player.ask(({ position }) => position);
    await player.drawn();
    expect(await player.ask(({ position }) => position)).toBe(before);
  });

  it("stops when it leaves the page", async () => {
    await open();
    await player.button("Play").click();
    const calls = await player.page.evaluate(() => {
      document.querySelector("attacca-player")!.remove();
      return fake.calls.at(-1);
    });
    expect(calls).toBe("pause");
  });
});
