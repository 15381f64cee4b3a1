import { type AttaccaPlayer, defineAttaccaPlayer } from "../player/index.js";
import { createFileList } from "./file-list.js";
import { type ListedFile, previewServer } from "./server.js";
import { type Stage, showFile } from "./show-file.js";

const part = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;

const NO_TOKEN =
  "Open the whole address that “attacca preview” has printed: your files are shown to its token only.";
const NO_FILES = "No MIDI files here yet. What you generate into these folders appears by itself.";

defineAttaccaPlayer();
const stage: Stage = { player: part<AttaccaPlayer>("player"), status: part("status") };
const server = previewServer();
if (server === undefined) stage.status.textContent = NO_TOKEN;
else {
  let shown: ListedFile | undefined;
  let isBusy = false;
  let isStale = false;

  const show = async (file: ListedFile): Promise<void> => {
    shown = file;
    history.replaceState(history.state, "", `?file=${encodeURIComponent(file.name)}`);
    document.body.classList.add("has-piece");
    await showFile(stage, file);
  };
  const list = createFileList(
    { list: part("files"), search: part("search"), count: part("count") },
    (file) => {
      void show(file);
    },
  );
  const refresh = async (): Promise<void> => {
    const files = await server.files();
    list.show(files);
    const wanted = shown?.name ?? new URLSearchParams(location.search).get("file");
    const file = files.find(({ name }) => name === wanted) ?? (shown === undefined ? files[0] : undefined);
    if (files.length === 0) stage.status.textContent = NO_FILES;
    if (file === undefined) return;
    list.choose(file.name);
    const isNew = file.url !== shown?.url || file.modified !== shown.modified || file.bytes !== shown.bytes;
    if (isNew) await show(file);
  };
  // Changes come while the files before them are still being read.
  const refreshAgain = async (): Promise<void> => {
    isStale = true;
    if (isBusy) return;
    isBusy = true;
    try {
      while (isStale) {
        isStale = false;
        await refresh();
      }
    } catch (error) {
      stage.status.textContent = error instanceof Error ? error.message : String(error);
    } finally {
      isBusy = false;
    }
  };
  server.follow(() => void refreshAgain());
}
