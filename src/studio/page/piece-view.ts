import { barMap, type Score } from "../../midi/index.js";
import { PianoRoll } from "../../player/index.js";
import type { Listening } from "./listening.js";

/** A piece as a roll whose playhead follows the sound. */
export interface PieceView {
  readonly element: HTMLElement;
  show(score: Score, seam: number | undefined): void;
  /** Plays it from where someone has pointed, or from where it was left; or pauses it. */
  toggle(): void;
  /** Brings the playhead to where the sound is; once a frame. */
  follow(): void;
  dispose(): void;
}

/**
 * A roll for the piece that is known to the sound by `key`. With the keyboard: space plays, left and right go by bars, plus
 * and minus zoom.
 */
export function createPieceView(
  key: string,
  listening: Listening,
  onError: (error: unknown) => void,
): PieceView {
  const roll = new PianoRoll();
  let startTick: number | undefined;
  const isMine = (): boolean => listening.key === key;
  const goTo = (tick: number): void => {
    roll.position = tick;
    roll.reveal(tick);
    startTick = tick;
    if (isMine()) listening.seek(tick);
  };
  const toggle = (): void => {
    if (isMine() && listening.isPlaying) {
      listening.pause();
      return;
    }
    const from = startTick;
    startTick = undefined;
    listening.play(key, roll.score, from).catch(onError);
  };
  const goBars = (bars: number): void => {
    const map = barMap(roll.score);
    goTo(Math.max(0, map.barStart(Math.max(0, map.positionAt(roll.position).bar + bars))));
  };
  const keys: Readonly<Record<string, () => void>> = {
    " ": toggle,
    ArrowLeft: () => goBars(-1),
    ArrowRight: () => goBars(1),
    Home: () => goTo(0),
    "+": () => roll.zoomBy(1.4),
    "-": () => roll.zoomBy(1 / 1.4),
  };
  roll.stage.addEventListener("keydown", (event) => {
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
  roll.on("seek", ({ tick, isMoving }) => {
    if (isMoving) roll.position = tick;
    else goTo(tick);
  });
  return {
    element: roll.element,
    toggle,
    show(score, seam) {
      if (roll.score === score && roll.promptEnd === seam) return;
      roll.score = score;
      roll.promptEnd = seam;
      if (!(isMine() && listening.isPlaying)) roll.fit();
    },
    follow() {
      if (!isMine() || !listening.isPlaying) return;
      startTick = undefined;
      roll.position = listening.tick;
      roll.followPlayhead();
    },
    dispose: () => roll.dispose(),
  };
}
