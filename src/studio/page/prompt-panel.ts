import { barMap, notesEnd, tempoMap } from "../../midi/index.js";
import { promptOf } from "../state.js";
import { clock, counted } from "../text.js";
import { type Catalogue, fetchFile } from "./catalogue.js";
import { button, find, setText } from "./dom.js";
import { inputFiles } from "./files.js";
import { createPieceView } from "./piece-view.js";
import type { PageStudio } from "./studio.js";

/** What the prompt's part does once a frame. */
export interface Panel {
  follow(): void;
}

/** The prompt: what it is, how it sounds, and where it comes from. */
export function createPromptPanel(studio: PageStudio, { prompts }: Catalogue): Panel {
  const key = "prompt";
  const { listening, messages } = studio;
  const view = createPieceView(key, listening, (error) =>
    messages.tell("The prompt can't be played.", error),
  );
  const place = find("prompt-roll", HTMLElement);
  const play = find("prompt-play", HTMLButtonElement);
  place.append(view.element);
  play.addEventListener("click", () => view.toggle());

  const chips = find("prompts", HTMLElement);
  for (const { title, path } of prompts) {
    const take = async (): Promise<void> => {
      try {
        await studio.takePrompt({ path: `${title}.mid`, content: await fetchFile(path) });
      } catch (error) {
        messages.tell(`${title} can't be loaded.`, error);
      }
    };
    chips.append(button(title, () => void take(), { class: "chip", "aria-pressed": "false" }));
  }
  const input = find("prompt-file", HTMLInputElement);
  input.addEventListener("change", () => {
    const [file] = inputFiles(input);
    if (file !== undefined) void studio.takePrompt(file);
    // The same file can be chosen again.
    input.value = "";
  });
  find("prompt-none", HTMLButtonElement).addEventListener("click", () =>
    studio.dispatch({ type: "no-prompt" }),
  );

  const show = (): void => {
    const prompt = promptOf(studio.state);
    setText(find("prompt-title", HTMLElement), prompt?.title ?? "A piece from nothing");
    place.hidden = prompt === undefined;
    play.hidden = prompt === undefined;
    for (const chip of chips.querySelectorAll("button")) {
      chip.setAttribute("aria-pressed", String(chip.textContent === prompt?.title));
    }
    setText(play, listening.key === key && listening.isPlaying ? "Pause" : "Play");
    let length = "The model begins by itself.";
    if (prompt !== undefined) {
      const { score } = prompt;
      const end = notesEnd(score);
      const bars = Math.ceil(barMap(score).positionAt(Math.max(0, end - 1)).bar + 1);
      const notes = score.tracks.reduce((sum, track) => sum + track.notes.length, 0);
      length = `${counted(bars, "bar")}, ${counted(notes, "note")}, ${clock(tempoMap(score).secondsAt(end))}`;
      view.show(score, prompt.seam);
    }
    setText(find("prompt-length", HTMLElement), length);
  };
  studio.onChange(show);
  listening.onChange(show);
  show();
  return { follow: () => view.follow() };
}
