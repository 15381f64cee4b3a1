import { make, setText } from "./dom.js";
import type { PlayerSession } from "./session.js";

export interface SoundPanel {
  readonly element: HTMLElement;
  update(): void;
  /** Says which soundfont is used. */
  nameSoundfont(name: string): void;
}

const kinds = {
  soundfont: "Soundfont",
  synth: "Simple synthesizer",
  midi: "MIDI output",
} as const;

/** Where the sound comes from: a soundfont of the user's, or an instrument at a MIDI output. */
export function createSoundPanel(
  session: PlayerSession,
  actions: { readonly useSoundfont: (file: File) => void; readonly fail: (error: unknown) => void },
): SoundPanel {
  const kind = make("span", { class: "kind" }, "Starts with the first play");
  const input = make("input", { type: "file", accept: ".sf2,.sf3,.dls", hidden: true, tabindex: -1 });
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file !== undefined) actions.useSoundfont(file);
    input.value = "";
  });
  const choose = make("button", { type: "button", class: "button word wide" }, "Choose a soundfont…");
  choose.addEventListener("click", () => input.click());
  const element = make(
    "section",
    { class: "panel", "aria-label": "Sound" },
    make(
      "div",
      { class: "settings" },
      make("div", { class: "setting" }, make("span", { class: "caption" }, "Instrument"), kind),
      make(
        "div",
        { class: "setting" },
        choose,
        input,
        make("span", { class: "detail" }, "or drop an .sf2 or .sf3 file"),
      ),
    ),
  );
  if ("requestMIDIAccess" in navigator)
    element.firstElementChild!.append(createOutputs(session, actions.fail));
  let soundfontName = "";
  const update = () => {
    const { sound } = session;
    if (sound === undefined) return;
    const isNamed = sound.kind === "soundfont" && soundfontName !== "";
    setText(kind, isNamed ? `${kinds.soundfont}: ${soundfontName}` : kinds[sound.kind]);
  };
  return {
    element,
    update,
    nameSoundfont(name) {
      soundfontName = name;
      update();
    },
  };
}

/** The choice of a MIDI output: asked of the browser only when the user opens it, since the browser asks the user. */
function createOutputs(session: PlayerSession, fail: (error: unknown) => void): HTMLElement {
  const select = make("select", { "aria-label": "MIDI output", disabled: true });
  select.append(make("option", { value: "" }, "This page"));
  const find = make("button", { type: "button", class: "button word wide" }, "Find MIDI outputs");
  const note = make("span", { class: "detail", role: "status" });
  find.addEventListener("click", async () => {
    try {
      const outputs = await session.readySound().midiOutputs();
      const chosen = select.value;
      select.replaceChildren(make("option", { value: "" }, "This page"));
      for (const { id, name } of outputs) select.append(make("option", { value: id }, name));
      select.value = outputs.some(({ id }) => id === chosen) ? chosen : "";
      select.disabled = outputs.length === 0;
      setText(note, outputs.length === 0 ? "None found" : "");
    } catch (error) {
      fail(error);
    }
  });
  select.addEventListener("change", async () => {
    try {
      await session.readySound().useMidiOutput(select.value === "" ? undefined : select.value);
    } catch (error) {
      select.value = "";
      fail(error);
    }
  });
  return make("div", { class: "setting" }, find, select, note);
}
