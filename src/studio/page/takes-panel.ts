import { type Side, takesOf } from "../state.js";
import { find, setText } from "./dom.js";
import type { Panel } from "./prompt-panel.js";
import type { PageStudio } from "./studio.js";
import { createTakeCard, type Exports, type TakeCard } from "./take-card.js";

/** The takes side by side, comparing two of them, and undoing. */
export function createTakesPanel(studio: PageStudio, exports: Exports): Panel {
  const list = find("take-list", HTMLElement);
  const undo = find("undo", HTMLButtonElement);
  const redo = find("redo", HTMLButtonElement);
  const deleteOthers = find("delete-others", HTMLButtonElement);
  const cards = new Map<number, TakeCard>();
  undo.addEventListener("click", () => studio.dispatch({ type: "undo" }));
  redo.addEventListener("click", () => studio.dispatch({ type: "redo" }));
  deleteOthers.addEventListener("click", () => studio.dispatch({ type: "delete-others" }));
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof HTMLInputElement && event.target.type === "number";
    if (isTyping || !(event.ctrlKey || event.metaKey)) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    studio.dispatch({ type: key === "y" || event.shiftKey ? "redo" : "undo" });
  });
  compareTakes(studio);

  const show = (): void => {
    const { state } = studio;
    const takes = takesOf(state);
    const there = new Set(takes.map(({ id }) => id));
    for (const [id, card] of cards) {
      if (there.has(id)) continue;
      if (studio.listening.key === `take-${id}` && studio.listening.isPlaying) studio.listening.pause();
      card.dispose();
      cards.delete(id);
    }
    for (const [index, take] of takes.entries()) {
      let card = cards.get(take.id);
      if (card === undefined) {
        card = createTakeCard(take.id, studio, exports);
        cards.set(take.id, card);
      }
      if (list.children[index] !== card.element)
        list.insertBefore(card.element, list.children[index] ?? null);
      card.show(take);
    }
    find("no-takes", HTMLElement).hidden = takes.length > 0;
    undo.disabled = state.past.length === 0;
    redo.disabled = state.future.length === 0;
    deleteOthers.disabled = takes.length <= state.desk.keptIds.length;
  };
  studio.onChange(show);
  studio.listening.onChange(show);
  show();
  return {
    follow() {
      for (const card of cards.values()) card.follow();
    },
  };
}

/** Plays one of two takes, and the other from the same place on. */
function compareTakes(studio: PageStudio): void {
  const { listening } = studio;
  const place = find("compare", HTMLElement);
  const buttons = { a: find("compare-a", HTMLButtonElement), b: find("compare-b", HTMLButtonElement) };
  const sides = ["a", "b"] as const;
  const keyOf = (side: Side): string => `take-${studio.state.compared[side]}`;
  const play = (side: Side): void => {
    const take = studio.state.takes.get(studio.state.compared[side] ?? -1);
    if (take?.score === undefined) return;
    if (listening.key === keyOf(side) && listening.isPlaying) {
      listening.pause();
      return;
    }
    const other = side === "a" ? "b" : "a";
    // From where the other one is; at first, from where the takes begin to differ.
    const from = listening.key === keyOf(other) ? listening.tick : take.seam;
    listening
      .play(keyOf(side), take.score, from)
      .catch((error) => studio.messages.tell("The take can't be played.", error));
  };
  for (const side of sides) buttons[side].addEventListener("click", () => play(side));
  find("compare-end", HTMLButtonElement).addEventListener("click", () => {
    for (const side of sides) studio.dispatch({ type: "compare", side, id: undefined });
  });
  const show = (): void => {
    const { compared, takes } = studio.state;
    place.hidden = compared.a === undefined && compared.b === undefined;
    const titles = sides.map((side) => takes.get(compared[side] ?? -1)?.title);
    const text = titles.every((title) => title !== undefined)
      ? `${titles[0]} with ${titles[1]}: the other side goes on from the same place.`
      : `${titles.find((title) => title !== undefined) ?? ""}: choose the other one among the takes.`;
    setText(find("compare-text", HTMLElement), text);
    for (const [index, side] of sides.entries()) {
      buttons[side].disabled = titles[index] === undefined;
      const isPlaying = listening.key === keyOf(side) && listening.isPlaying;
      buttons[side].setAttribute("aria-pressed", String(isPlaying));
    }
  };
  studio.onChange(show);
  listening.onChange(show);
}
