import { notesEnd, type Score, tempoMap, writeScore } from "../../midi/index.js";
import type { Take } from "../state.js";
import { clock, fileName, modeText, musicText, realTimeText, settingsText } from "../text.js";
import { button, download, make, setText } from "./dom.js";
import { createPieceView } from "./piece-view.js";
import type { PageStudio } from "./studio.js";

/** A take as it stands in the list. */
export interface TakeCard {
  readonly element: HTMLElement;
  show(take: Take): void;
  follow(): void;
  dispose(): void;
}

/** What a take's sound and page are made of. */
export interface Exports {
  wav(score: Score, title: string, onShare: (share: number) => void): Promise<Blob>;
  html(score: Score, title: string, seam: number): Promise<Blob>;
}

/** A card for one take: roll, settings, costs, and what can be done with it. */
export function createTakeCard(id: number, studio: PageStudio, exports: Exports): TakeCard {
  const key = `take-${id}`;
  const { listening, messages } = studio;
  const view = createPieceView(key, listening, (error) => messages.tell("The take can't be played.", error));
  const title = make("h3", { id: `${key}-title` });
  const status = make("span", { class: "status" });
  const settings = make("p", { class: "quiet settings" });
  const costs = make("p", { class: "quiet costs" });
  const play = button("Play", () => view.toggle());
  const keep = button("Keep", () => studio.dispatch({ type: "keep", id, keep: !isKept() }));
  const isKept = (): boolean => studio.state.desk.keptIds.includes(id);
  const side = (name: "a" | "b"): HTMLButtonElement => {
    const choose = (): void => {
      const isChosen = studio.state.compared[name] === id;
      studio.dispatch({ type: "compare", side: name, id: isChosen ? undefined : id });
    };
    return button(name.toUpperCase(), choose, { "aria-label": `Compare as ${name.toUpperCase()}` });
  };
  const [a, b] = [side("a"), side("b")];
  const extend = button("Go on from here", () => studio.dispatch({ type: "extend", id }));
  const remove = button("Delete", () => studio.dispatch({ type: "delete", id }), { class: "quiet" });
  let take: Take | undefined;
  const save = (
    label: string,
    make: (score: Score, title: string) => Promise<Blob> | Blob,
  ): HTMLButtonElement => {
    const act = async (): Promise<void> => {
      if (take?.score === undefined) return;
      const { title: name } = take;
      saveButton.disabled = true;
      try {
        download(`attacca-${fileName(name)}${label}`, await make(take.score, name));
      } catch (error) {
        messages.tell(`${name} couldn't be saved as ${label}.`, error);
      } finally {
        saveButton.disabled = false;
        setText(saveButton, label);
      }
    };
    const saveButton = button(label, () => void act());
    return saveButton;
  };
  const mid = save(".mid", (score) => new Blob([writeScore(score).slice()], { type: "audio/midi" }));
  const wav: HTMLButtonElement = save(".wav", (score, name) =>
    exports.wav(score, name, (share) => setText(wav, `${Math.round(100 * share)} %`)),
  );
  const html = save(".html", (score, name) => exports.html(score, name, take?.seam ?? 0));
  const saves = make("span", { class: "group", role: "group", "aria-label": "Download as" }, mid, wav, html);
  const compare = make("span", { class: "group", role: "group", "aria-label": "Compare" }, a, b);
  const element = make(
    "li",
    { class: "take", "aria-labelledby": title.id },
    make("div", { class: "heading" }, title, status),
    settings,
    make("div", { class: "roll" }, view.element),
    costs,
    make("div", { class: "actions" }, play, extend, keep, compare, saves, remove),
  );
  return {
    element,
    follow: () => view.follow(),
    dispose() {
      view.dispose();
      element.remove();
    },
    show(next) {
      take = next;
      setText(title, next.title);
      setText(status, statusText(next));
      setText(settings, `${settingsText(next.settings)} · ${next.model}`);
      setText(costs, costsText(next));
      element.classList.toggle("running", next.status === "running");
      element.classList.toggle("kept", isKept());
      if (next.score !== undefined) view.show(next.score, next.seam);
      const isWhole = next.status !== "running";
      setText(play, listening.key === key && listening.isPlaying ? "Pause" : "Play");
      play.disabled = next.score === undefined;
      keep.setAttribute("aria-pressed", String(isKept()));
      a.setAttribute("aria-pressed", String(studio.state.compared.a === id));
      b.setAttribute("aria-pressed", String(studio.state.compared.b === id));
      for (const each of [extend, keep, remove, a, b]) each.disabled = !isWhole;
      for (const each of [mid, wav, html]) each.disabled = !isWhole || next.score === undefined;
    },
  };
}

function statusText({ status, share, score }: Take): string {
  if (status === "running") return `${Math.round(100 * share)} %`;
  const length = score === undefined ? "" : clock(tempoMap(score).secondsAt(notesEnd(score)));
  return status === "stopped" ? `${length}, stopped` : length;
}

function costsText({ costs, warnings }: Take): string {
  if (costs === undefined) return "";
  const parts = [`${modeText(costs, costs.decode)}, ${costs.decode}`, realTimeText(costs), musicText(costs)];
  return [parts.join(" · "), ...warnings.map((warning) => `Note: ${warning}.`)].join("\n");
}
