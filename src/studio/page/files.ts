import type { GivenFile } from "../protocol.js";

/** So many files are taken from a folder at most: what is larger was dropped by mistake. */
const MOST_FILES = 50_000;

/** The files that an input was given, with their paths in a chosen folder. */
export function inputFiles(input: HTMLInputElement): GivenFile[] {
  return [...(input.files ?? [])].map((content) => ({
    path: content.webkitRelativePath || content.name,
    content,
  }));
}

/**
 * The files of a drop, with those in folders.
 *
 * @throws Error where a folder can't be read, or has too many files
 */
export async function droppedFiles(data: DataTransfer): Promise<GivenFile[]> {
  // All entries at once: after the first wait the drop is over, and its data are gone.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry());
  const files: GivenFile[] = [];
  for (const [index, entry] of entries.entries()) {
    if (entry !== null) await collect(entry, files);
    else if (data.files[index] !== undefined) {
      files.push({ path: data.files[index].name, content: data.files[index] });
    }
  }
  return files;
}

async function collect(entry: FileSystemEntry, files: GivenFile[]): Promise<void> {
  if (files.length >= MOST_FILES)
    throw new Error(`More than ${MOST_FILES.toLocaleString("en-GB")} files were dropped.`);
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const content = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    files.push({ path, content });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A folder is read a hundred entries at a time.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (entries.length === 0) return;
    for (const each of entries) await collect(each, files);
  }
}
