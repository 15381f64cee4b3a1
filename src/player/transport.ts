import { changeIcon, iconButton, makeSlider, setPressed, textButton } from "./controls.js";
import { make, setText } from "./dom.js";
import { momentText } from "./piece-text.js";
import { fastest, loudest, type PlayerSession, slowest } from "./session.js";
import { clockText } from "./time-text.js";

/** What the row of controls asks of the player beyond the session. */
export interface TransportActions {
  zoom(factor: number): void;
  fit(): void;
  toggleFollow(): void;
  togglePanel(name: "tracks" | "sound"): void;
  help(): void;
}

export interface Transport {
  readonly element: HTMLElement;
  readonly panelButtons: Readonly<Record<"tracks" | "sound", HTMLButtonElement>>;
  /** Shows the session as it is now, but for the time. */
  update(isFollowing: boolean): void;
  /** Shows the time: at every frame. */
  tick(): void;
}

/** The row of controls under the roll. */
export function createTransport(session: PlayerSession, actions: TransportActions): Transport {
  const play = iconButton("play", "Play", () => session.toggle(), "play");
  // A soundfont takes a moment to arrive: it is asked for when someone is about to play.
  for (const sign of ["pointerenter", "focus"] as const)
    play.addEventListener(sign, () => void session.prepare(), { once: true });
  const start = iconButton("start", "To the start", () => session.seek(0));
  const now = make("span", { class: "now" }, "0:00");
  const end = make("span", { class: "end" }, "0:00");
  const place = make("span", { class: "place" }, "1.1");
  const clock = make("div", { class: "clock" }, now, make("span", { class: "of" }, "/"), end);
  const where = make("div", { class: "where" }, make("span", { class: "caption" }, "Bar"), place);

  const loopStart = textButton("A", "Loop from here", () => session.startLoopHere());
  const loop = iconButton("loop", "Loop", () => {
    session.isLooping = !session.isLooping;
  });
  const loopEnd = textButton("B", "Loop up to here", () => session.endLoopHere());
  const loops = make("div", { class: "group joined loops", role: "group", "aria-label": "Loop" });
  loops.append(loopStart, loop, loopEnd);

  const rate = makeSlider({
    label: "Tempo",
    min: Math.log2(slowest),
    max: Math.log2(fastest),
    step: 0.05,
    rest: 0,
    change: (value) => {
      session.rate = Math.round(100 * 2 ** value) / 100;
    },
    text: (value) => `${Math.round(100 * 2 ** value)} %`,
  });
  const rateText = make("output", { class: "value", "aria-hidden": "true" }, "100 %");
  const volume = makeSlider({
    label: "Volume",
    min: 0,
    max: loudest,
    step: 0.01,
    rest: 1,
    change: (value) => {
      session.volume = value;
    },
    text: (value) => `${Math.round(100 * value)} %`,
  });
  const volumeText = make("output", { class: "value", "aria-hidden": "true" }, "100 %");

  const zoomOut = iconButton("zoomOut", "Zoom out", () => actions.zoom(1 / 1.5));
  const zoomIn = iconButton("zoomIn", "Zoom in", () => actions.zoom(1.5));
  const fit = iconButton("fit", "The whole piece", () => actions.fit());
  const follow = iconButton("follow", "Follow the playhead", () => actions.toggleFollow());
  const view = make("div", { class: "group joined view", role: "group", "aria-label": "View" });
  view.append(zoomOut, zoomIn, fit, follow);

  const tracks = iconButton("tracks", "Tracks", () => actions.togglePanel("tracks"));
  const sound = iconButton("sound", "Sound", () => actions.togglePanel("sound"));
  const help = iconButton("help", "Keys", () => actions.help());
  const panels = make(
    "div",
    { class: "group joined panels", role: "group", "aria-label": "More" },
    tracks,
    sound,
    help,
  );

  const caption = (text: string) => make("span", { class: "caption", "aria-hidden": "true" }, text);
  const element = make(
    "div",
    { class: "transport", role: "group", "aria-label": "Controls" },
    make("div", { class: "group main" }, start, play, clock, where),
    loops,
    make("div", { class: "dial" }, caption("Tempo"), rate.input, rateText),
    make("div", { class: "dial" }, caption("Volume"), volume.input, volumeText),
    view,
    panels,
  );

  play.disabled = true;

  const tick = () => {
    const { piece, position } = session;
    setText(now, clockText(position));
    setText(place, momentText(piece, session.tick, 1).place);
  };
  return {
    element,
    panelButtons: { tracks, sound },
    tick,
    update(isFollowing) {
      changeIcon(play, session.isPlaying ? "pause" : "play", session.isPlaying ? "Pause" : "Play");
      play.disabled = session.piece.notes.count === 0;
      play.classList.toggle("waiting", session.isStarting);
      setPressed(loop, session.isLooping);
      setPressed(follow, isFollowing);
      setText(end, clockText(session.piece.endSeconds));
      rate.show(Math.log2(session.rate));
      setText(rateText, `${Math.round(session.rate * 100)} %`);
      volume.show(session.volume);
      setText(volumeText, `${Math.round(session.volume * 100)} %`);
      tick();
    },
  };
}
