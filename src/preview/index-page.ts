import { createFileList } from "./file-list.js";
import { previewServer } from "./server.js";

const part = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;

const status = part("status");
const server = previewServer();

if (server === undefined) {
  status.textContent =
    "Open the whole address that attacca preview has printed: your files are shown with its token only.";
} else {
  const list = createFileList(
    { list: part("files"), search: part("search"), count: part("count") },
    (file) => {
      location.assign(file.url);
    },
  );
  const refresh = async (): Promise<void> => {
    try {
      const files = await server.files();
      list.show(files);
      status.textContent =
        files.length > 0
          ? ""
          : "No MIDI files yet. What you generate into this folder appears here by itself.";
    } catch (error) {
      status.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  server.follow(() => void refresh());
  await refresh();
}
