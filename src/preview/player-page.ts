import { type AttaccaPlayer, defineAttaccaPlayer } from "../player/index.js";
import { titleOf } from "./file-list.js";
import { type ListedFile, previewServer } from "./server.js";
import { type Stage, showBytes, showFile } from "./show-file.js";

const part = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;

defineAttaccaPlayer();
const stage: Stage = { player: part<AttaccaPlayer>("player"), status: part("status") };
const server = previewServer();
const wanted = new URLSearchParams(location.search).get("file");
let shown: ListedFile | undefined;

const say = (error: unknown): void => {
  stage.status.textContent = error instanceof Error ? error.message : String(error);
};

const refresh = async (): Promise<void> => {
  const file = (await server?.files())?.find(({ name }) => name === wanted);
  if (file === undefined) {
    if (shown === undefined) stage.status.textContent = `There is no file ${wanted} here.`;
    return;
  }
  if (file.modified === shown?.modified && file.bytes === shown.bytes) return;
  shown = file;
  await showFile(stage, file);
};

const open = async (file: File | undefined): Promise<void> => {
  if (file === undefined) return;
  // What is open now is no file of the server's any more.
  shown = undefined;
  history.replaceState(history.state, "", location.pathname);
  showBytes(stage, titleOf(file.name), new Uint8Array(await file.arrayBuffer()));
};

document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  // The player takes what falls on it.
  if (event.defaultPrevented) return;
  event.preventDefault();
  open(event.dataTransfer?.files[0]).catch(say);
});
const chooser = part<HTMLInputElement>("chooser");
chooser.addEventListener("change", () => {
  open(chooser.files?.[0]).catch(say);
});

if (wanted === null) stage.status.textContent = "Drop a MIDI file here, or open one.";
else if (server === undefined)
  stage.status.textContent = "Open the whole address that “attacca preview” has printed first.";
else server.follow(() => void refresh().catch(say));
