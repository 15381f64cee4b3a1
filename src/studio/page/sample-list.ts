import type { Score } from "../../midi/index.js";
import { button, find, make, setText } from "./dom.js";
import { createPieceView, type PieceView } from "./piece-view.js";
import type { PageStudio } from "./studio.js";

/** What a model in training has played, newest first. */
export interface SampleList {
  add(step: number, score: Score): void;
  clear(): void;
  follow(): void;
}

const MOST_SAMPLES = 12;

/** The list of samples; each can be heard again, and taken as a prompt. */
export function createSampleList(studio: PageStudio): SampleList {
  const list = find("samples", HTMLElement);
  const sing = find("sing", HTMLInputElement);
  const { listening, messages } = studio;
  const views = new Map<string, PieceView>();
  let run = 0;
  const fail = (error: unknown): void => messages.tell("The sample can't be played.", error);
  const showPlaying = (): void => {
    for (const item of list.children) {
      const play = item.querySelector("button");
      const isPlaying = listening.isPlaying && listening.key === (item as HTMLElement).dataset.key;
      if (play !== null) setText(play, isPlaying ? "Pause" : "Play");
    }
  };
  const drop = (item: Element | null): void => {
    const key = (item as HTMLElement | null)?.dataset.key ?? "";
    views.get(key)?.dispose();
    views.delete(key);
    item?.remove();
  };
  listening.onChange(showPlaying);
  return {
    add(step, score) {
      const key = `sample-${run}-${step}`;
      const view = createPieceView(key, listening, fail);
      const title = `After ${step} steps`;
      const notes = score.tracks.reduce((sum, track) => sum + track.notes.length, 0);
      const play = button("Play", () => view.toggle(), {
        "aria-label": `Play the sample after ${step} steps`,
      });
      play.disabled = notes === 0;
      const take = button("Take as prompt", () =>
        studio.dispatch({ type: "prompt", title: `Sample ${step}`, score }),
      );
      take.disabled = notes === 0;
      const item = make(
        "li",
        { class: "take", "data-key": key },
        make(
          "div",
          { class: "heading" },
          make("h3", {}, title),
          make("span", { class: "status" }, `${notes} notes`),
        ),
        make("div", { class: "roll" }, view.element),
        make("div", { class: "actions" }, play, take),
      );
      list.prepend(item);
      views.set(key, view);
      view.show(score, undefined);
      find("no-samples", HTMLElement).hidden = true;
      while (list.children.length > MOST_SAMPLES) drop(list.lastElementChild);
      // What someone is listening to isn't cut off.
      const isFree = !listening.isPlaying || listening.key?.startsWith("sample-");
      if (sing.checked && isFree && notes > 0) listening.play(key, score, 0).catch(fail);
    },
    clear() {
      run++;
      while (list.lastElementChild !== null) drop(list.lastElementChild);
    },
    follow() {
      for (const view of views.values()) view.follow();
    },
  };
}
