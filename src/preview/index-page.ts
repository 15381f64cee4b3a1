import { type AttaccaPlayer, defineAttaccaPlayer } from "../player/index.js";
import { createFileList } from "./file-list.js";
import { oneAtATime } from "./one-at-a-time.js";
import { type ListedFile, previewServer } from "./server.js";
import { createStage } from "./stage.js";

const part = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;

defineAttaccaPlayer();
const stage = createStage(part<AttaccaPlayer>("player"), part("status"));
const server = previewServer();
const list = createFileList({ list: part("files"), search: part("search"), count: part("count") }, (file) => {
  void show(file);
});

function show(file: ListedFile): Promise<void> {
  // So that a reload, or going back, finds it again.
  const query = `?file=${encodeURIComponent(file.key)}`;
  history.replaceState(history.state, "", query);
  part<HTMLAnchorElement>("studio").href = `./studio.html${query}`;
  return stage.show(file);
}

const refresh = oneAtATime(async () => {
  if (server === undefined) return;
  const files = await server.files();
  list.show(files);
  if (files.length === 0)
    stage.say("No MIDI files here yet. What you generate into these folders appears by itself.");
  const before = stage.file;
  const wanted = before?.key ?? new URLSearchParams(location.search).get("file");
  const file = files.find(({ key }) => key === wanted) ?? (before === undefined ? files[0] : undefined);
  if (file === undefined) return;
  list.choose(file.key);
  if (file.modified !== before?.modified || file.bytes !== before.bytes) await show(file);
});

if (server === undefined) {
  stage.say(
    "Open the whole address that “attacca preview” has printed: your files are shown to its token only.",
  );
} else server.follow(() => void refresh().catch(stage.say));
