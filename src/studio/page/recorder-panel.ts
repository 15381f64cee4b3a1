import { pitchName } from "../../view/index.js";
import { createRecorder, pitchOfKey, type Recorder, readKeyMessage, recordedScore } from "../recording.js";
import { find, make, setText } from "./dom.js";
import { createMonitor, type Monitor } from "./monitor.js";
import type { PageStudio } from "./studio.js";

const VELOCITY = 84;
/** Keys of the piano that is seen: two octaves and a C. */
const SEEN_KEYS = 25;
const BLACK = new Set([1, 3, 6, 8, 10]);

/** Recording a prompt from keys on the page, of the computer, or of a MIDI keyboard. */
export function createRecorderPanel(studio: PageStudio): void {
  const panel = find("recorder", HTMLElement);
  const open = find("record-open", HTMLButtonElement);
  const record = find("record-start", HTMLButtonElement);
  const tempo = find("record-tempo", HTMLInputElement);
  const click = find("record-click", HTMLInputElement);
  const status = find("record-status", HTMLElement);
  const piano = find("piano", HTMLElement);
  const help = status.textContent ?? "";
  let octave = 4;
  let monitor: Monitor | undefined;
  let recorder: Recorder | undefined;
  let takes = 0;
  const seconds = (): number => performance.now() / 1000;
  /** Pitches that are down, by what holds them. */
  const held = new Map<string, number>();

  const down = (source: string, pitch: number, velocity: number): void => {
    if (held.has(source)) return;
    held.set(source, pitch);
    monitor ??= createMonitor();
    monitor.down(pitch, velocity);
    recorder?.down(pitch, velocity, seconds());
    light();
  };
  const up = (source: string): void => {
    const pitch = held.get(source);
    if (pitch === undefined) return;
    held.delete(source);
    monitor?.up(pitch);
    recorder?.up(pitch, seconds());
    light();
  };
  const light = (): void => {
    const pitches = new Set(held.values());
    for (const key of piano.children) {
      key.classList.toggle("down", pitches.has(Number((key as HTMLElement).dataset.pitch)));
    }
  };
  const showOctave = (): void => {
    const lowest = 12 * (octave + 1);
    setText(find("octave", HTMLElement), pitchName(lowest));
    const keys = Array.from({ length: SEEN_KEYS }, (_, i) => lowest + i).filter((pitch) => pitch <= 127);
    piano.replaceChildren(
      ...keys.map((pitch) =>
        make("button", {
          type: "button",
          tabindex: -1,
          class: BLACK.has(pitch % 12) ? "black" : "white",
          "data-pitch": pitch,
          "aria-label": pitchName(pitch),
        }),
      ),
    );
  };
  const shift = (by: number): void => {
    for (const source of [...held.keys()]) up(source);
    octave = Math.min(8, Math.max(0, octave + by));
    showOctave();
  };
  const end = (): void => {
    const notes = recorder?.notes(seconds()) ?? [];
    recorder = undefined;
    monitor?.stopClick();
    record.setAttribute("aria-pressed", "false");
    setText(record, "Record");
    setText(status, notes.length === 0 ? "Nothing was played." : help);
    if (notes.length === 0) return;
    const score = recordedScore(notes, tempo.valueAsNumber);
    studio.dispatch({ type: "prompt", title: `Recording ${++takes}`, score });
  };
  const begin = (): void => {
    if (!tempo.checkValidity() || tempo.value === "") {
      studio.messages.tell("The tempo is out of its range.", tempo.validationMessage);
      return;
    }
    studio.listening.pause();
    monitor ??= createMonitor();
    // With the metronome the first downbeat is that of the bar behind the one that counts in.
    const downbeat = click.checked ? seconds() + monitor.startClick(tempo.valueAsNumber) : undefined;
    recorder = createRecorder(downbeat);
    record.setAttribute("aria-pressed", "true");
    setText(record, "Stop");
    setText(status, "Recording: play, then press Stop.");
  };

  open.addEventListener("click", () => {
    panel.hidden = !panel.hidden;
    open.setAttribute("aria-expanded", String(!panel.hidden));
    if (panel.hidden && recorder !== undefined) end();
  });
  record.addEventListener("click", () => (recorder === undefined ? begin() : end()));
  find("octave-down", HTMLButtonElement).addEventListener("click", () => shift(-1));
  find("octave-up", HTMLButtonElement).addEventListener("click", () => shift(1));
  piano.addEventListener("pointerdown", (event) => {
    const pitch = Number((event.target as HTMLElement).dataset.pitch);
    if (Number.isInteger(pitch) && event.target !== piano)
      down(`pointer ${event.pointerId}`, pitch, VELOCITY);
  });
  const lift = ({ pointerId }: PointerEvent): void => up(`pointer ${pointerId}`);
  document.addEventListener("pointerup", lift);
  document.addEventListener("pointercancel", lift);
  document.addEventListener("keydown", (event) => {
    const { code, target, ctrlKey, metaKey, altKey, repeat } = event;
    const isTyping = target instanceof HTMLInputElement && target.type === "number";
    if (panel.hidden || isTyping || ctrlKey || metaKey || altKey || target instanceof HTMLSelectElement)
      return;
    if (code === "ArrowUp" || code === "ArrowDown") {
      event.preventDefault();
      shift(code === "ArrowUp" ? 1 : -1);
      return;
    }
    const pitch = pitchOfKey(code, octave);
    if (pitch === undefined) return;
    event.preventDefault();
    if (!repeat) down(code, pitch, VELOCITY);
  });
  document.addEventListener("keyup", ({ code }) => up(code));
  // Keys that go up while the window is not in front are not told.
  addEventListener("blur", () => {
    for (const source of [...held.keys()]) up(source);
  });
  showOctave();
  listenToMidi({ down, up });
}

/** Web MIDI keyboards, once someone asks for the list: the browser wants to be asked for leave. */
function listenToMidi(keys: {
  down(source: string, pitch: number, velocity: number): void;
  up(source: string): void;
}): void {
  const select = find("record-input", HTMLSelectElement);
  let access: MIDIAccess | undefined;
  const hear = ({ data, target }: MIDIMessageEvent): void => {
    const message = data && readKeyMessage(data);
    if (!message || select.value === "" || (target as MIDIInput | null)?.id !== select.value) return;
    const source = `midi ${message.pitch}`;
    if (message.kind === "down") {
      keys.up(source);
      keys.down(source, message.pitch, message.velocity);
    } else keys.up(source);
  };
  const list = (): void => {
    const chosen = select.value;
    const inputs = [...(access?.inputs.values() ?? [])];
    for (const input of inputs) input.onmidimessage = hear;
    const options = inputs.map(({ id, name }) => make("option", { value: id }, name ?? "MIDI keyboard"));
    select.replaceChildren(make("option", { value: "" }, "This computer’s"), ...options);
    select.value = inputs.some(({ id }) => id === chosen) ? chosen : "";
  };
  const ask = async (): Promise<void> => {
    if (access !== undefined || navigator.requestMIDIAccess === undefined) return;
    try {
      access = await navigator.requestMIDIAccess();
      access.onstatechange = list;
      list();
    } catch {
      // Nothing is lost by it: the list of keyboards is where one would look.
      select.append(make("option", { disabled: true }, "MIDI keyboards: not allowed by the browser"));
    }
  };
  find("record-open", HTMLButtonElement).addEventListener("click", () => void ask());
}
