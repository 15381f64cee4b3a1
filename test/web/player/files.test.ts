import { describe, expect, it } from "vitest";
import { writeScore } from "../../../src/midi/index.js";
import { cases } from "../../midi/faulty-files.js";
import { mutatedFiles } from "../../midi/mutated-files.js";
import { scoreOf } from "../../view/scores.js";
import { onePlayerForEachTest, open, player } from "./one-player.js";
import { song, songBytes } from "./song.js";

onePlayerForEachTest();
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
