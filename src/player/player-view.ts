import { iconButton } from "./controls.js";
import { make, setText } from "./dom.js";
import { acceptFiles } from "./drop.js";
import { createHelp } from "./help.js";
import { createOverview } from "./overview.js";
import { readPalette } from "./palette.js";
import { PianoRoll } from "./piano-roll.js";
import { momentText } from "./piece-text.js";
import type { PlayerSession } from "./session.js";
import { createSoundPanel } from "./sound-panel.js";
import { createTrackPanel } from "./track-panel.js";
import { createTransport } from "./transport.js";

export type PanelName = "tracks" | "sound";

/** What the view asks of the element. */
export interface ViewActions {
  takeFile(file: File): void;
  fail(error: unknown): void;
  /** At every frame in which the time is shown. */
  frame(): void;
}

/** All that is seen of a player. */
export interface PlayerView {
  readonly element: HTMLElement;
  readonly roll: PianoRoll;
  readonly help: HTMLDialogElement;
  setTitle(title: string): void;
  setPromptEnd(tick: number | undefined): void;
  showError(text: string | undefined): void;
  /** Has a screen reader say something. */
  say(text: string): void;
  togglePanel(name: PanelName): void;
  toggleFollow(): void;
  nameSoundfont(name: string): void;
  refreshTheme(): void;
  dispose(): void;
}

/** Builds what is seen, and keeps it as the session is. */
export function createPlayerView(session: PlayerSession, actions: ViewActions): PlayerView {
  const roll = new PianoRoll();
  const help = createHelp();
  const title = make("h2", { class: "title", dir: "auto" });
  const tempo = make("span", { class: "tempo" });
  const meter = make("span", { class: "meter" });
  const key = make("span", { class: "key" });
  const seam = make("div", { class: "seam", hidden: true });
  seam.append(make("span", {}, "Prompt"), make("span", { class: "new" }, "Continuation"));
  const moment = make("div", { class: "moment" }, tempo, meter, key);
  const header = make("div", { class: "header" }, title, moment, seam);
  const spoken = make("div", { class: "spoken", role: "status" });
  const errorText = make("p", { role: "alert" });
  const errorBox = make("div", { class: "error", hidden: true }, errorText);
  errorBox.append(iconButton("close", "Dismiss", () => showError(undefined)));
  const empty = createEmpty(actions);
  const cover = make("div", { class: "drop", hidden: true }, "Drop a MIDI file or a soundfont");

  let promptEnd: number | undefined;
  let isFollowing = true;
  let frame = 0;
  const overview = createOverview(session);
  const tracks = createTrackPanel(session);
  const sound = createSoundPanel(session, { useSoundfont: actions.takeFile, fail: actions.fail });
  const panels = { tracks: tracks.element, sound: sound.element };
  panels.tracks.hidden = true;
  panels.sound.hidden = true;
  const transport = createTransport(session, {
    zoom: (factor) => roll.zoomBy(factor),
    fit: () => roll.fit(),
    toggleFollow,
    togglePanel,
    help: () => help.showModal(),
  });
  const stand = make(
    "div",
    { class: "stand" },
    roll.element,
    make("div", { class: "strip" }, overview.element),
    empty,
  );
  // Empty, so that the element's own title isn't shown over each of its parts.
  const element = make("div", { class: "player", role: "group", title: "" }, header, stand, errorBox);
  element.append(transport.element, panels.tracks, panels.sound, spoken, cover, help);
  acceptFiles(element, cover, actions.takeFile);

  function showError(text: string | undefined): void {
    errorBox.hidden = text === undefined;
    setText(errorText, text ?? "");
  }

  function togglePanel(name: PanelName): void {
    panels[name].hidden = !panels[name].hidden;
    for (const each of ["tracks", "sound"] as const)
      transport.panelButtons[each].setAttribute("aria-expanded", String(!panels[each].hidden));
  }

  function toggleFollow(): void {
    isFollowing = !isFollowing;
    roll.follow = isFollowing ? "smooth" : "off";
    if (isFollowing) roll.followPlayhead();
    update();
  }

  const showRange = () =>
    overview.showRange(roll.visible, session.isLooping ? session.loop : undefined, promptEnd);
  const drawOverview = () => overview.redraw(readPalette(element));

  let heardBefore = "";
  const update = () => {
    transport.update(isFollowing);
    tracks.update();
    sound.update();
    roll.loop = session.isLooping ? session.loop : undefined;
    const heard = session.piece.score.tracks.map((_, index) => session.isHeard(index)).join();
    if (heard !== heardBefore) {
      heardBefore = heard;
      roll.setHeard((track) => session.isHeard(track));
      drawOverview();
    }
    showRange();
    showTime();
    if (session.isPlaying && frame === 0) frame = requestAnimationFrame(onFrame);
  };

  const showTime = () => {
    roll.position = session.tick;
    const text = momentText(session.piece, session.tick, session.rate);
    setText(tempo, `♩ = ${text.tempo}`);
    setText(meter, text.meter);
    setText(key, text.key);
    transport.tick();
    overview.tick();
  };

  const onFrame = () => {
    frame = session.isPlaying ? requestAnimationFrame(onFrame) : 0;
    showTime();
    if (session.isPlaying) roll.followPlayhead();
    roll.draw();
    actions.frame();
  };

  const ends = [
    session.on("state", update),
    session.on("load", (piece) => {
      roll.setPiece(piece);
      tracks.load();
      empty.hidden = piece.score.tracks.length > 0;
      header.hidden = title.textContent === "" && !empty.hidden;
      heardBefore = "";
      drawOverview();
    }),
    session.on("seek", () => {
      if (!session.isPlaying) roll.reveal(session.tick);
    }),
    roll.on("seek", ({ tick }) => session.seekTick(tick)),
    roll.on("loop", (loop) => {
      session.isLooping = loop !== undefined;
      session.loop = loop;
    }),
    roll.on("view", showRange),
    roll.on("pan", () => {
      // Whoever moves the roll wants to look elsewhere: it would be taken back at once.
      if (session.isPlaying && isFollowing) toggleFollow();
    }),
  ];
  const observer = new ResizeObserver(() => {
    if (overview.resize()) drawOverview();
    overview.tick();
  });
  observer.observe(overview.element);
  for (const name of ["tracks", "sound"] as const)
    transport.panelButtons[name].setAttribute("aria-expanded", "false");

  return {
    element,
    roll,
    help,
    showError,
    togglePanel,
    toggleFollow,
    setTitle(text) {
      setText(title, text);
      header.hidden = text === "" && !empty.hidden;
      element.setAttribute("aria-label", text === "" ? "Player" : `Player: ${text}`);
    },
    setPromptEnd(tick) {
      promptEnd = tick;
      roll.promptEnd = tick;
      seam.hidden = tick === undefined;
      showRange();
    },
    say: (text) => setText(spoken, text),
    nameSoundfont: (name) => sound.nameSoundfont(name),
    refreshTheme() {
      roll.refreshTheme();
      drawOverview();
    },
    dispose() {
      cancelAnimationFrame(frame);
      for (const end of ends) end();
      observer.disconnect();
      roll.dispose();
    },
  };
}

function createEmpty({ takeFile }: ViewActions): HTMLElement {
  const input = make("input", {
    type: "file",
    accept: ".mid,.midi,.smf,.kar,audio/midi",
    hidden: true,
    tabindex: -1,
  });
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file !== undefined) takeFile(file);
    input.value = "";
  });
  const choose = make("button", { type: "button", class: "button word wide" }, "Choose a MIDI file…");
  choose.addEventListener("click", () => input.click());
  return make("div", { class: "empty" }, make("span", {}, "Drop a MIDI file here"), choose, input);
}
