import { describe, expect, it } from "vitest";
import { onePlayerForEachTest, open, player } from "./one-player.js";

onePlayerForEachTest();

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
