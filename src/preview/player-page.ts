import { type AttaccaPlayer, defineAttaccaPlayer } from "../player/index.js";
import { oneAtATime } from "./one-at-a-time.js";
import { previewServer } from "./server.js";
import { createStage } from "./stage.js";

const part = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;

defineAttaccaPlayer();
const stage = createStage(part<AttaccaPlayer>("player"), part("status"));
const server = previewServer();
let wanted = new URLSearchParams(location.search).get("file");

const refresh = oneAtATime(async () => {
  if (server === undefined || wanted === null) return;
  const file = (await server.files()).find(({ key }) => key === wanted);
  const before = stage.file;
  if (file === undefined) {
    if (before === undefined) stage.say("That file isn't here any more.");
  } else if (file.modified !== before?.modified || file.bytes !== before.bytes) await stage.show(file);
});

async function open(file: File | undefined): Promise<void> {
  if (file === undefined) return;
  // What is open now is no file of the server's any more.
  wanted = null;
  history.replaceState(history.state, "", location.pathname);
  await stage.open(file);
}

const chooser = part<HTMLInputElement>("chooser");
chooser.addEventListener("change", () => void open(chooser.files?.[0]));
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  // The player takes what falls on it.
  if (event.defaultPrevented) return;
  event.preventDefault();
  void open(event.dataTransfer?.files[0]);
});

if (wanted === null) stage.say("Drop a MIDI file here, or open one.");
else if (server === undefined) stage.say("Open the whole address that “attacca preview” has printed first.");
else server.follow(() => void refresh().catch(stage.say));
