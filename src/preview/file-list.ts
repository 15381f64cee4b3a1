import type { ListedFile } from "./server.js";

/** The list of files: which of them are shown, and which one is chosen. */
export interface FileList {
  /** Takes the files as they are now; the chosen one stays chosen. */
  show(files: readonly ListedFile[]): void;
  /** Marks the file of that key as the chosen one. */
  choose(key: string): void;
}

/** The parts of the page that the list lives in. */
export interface FileListParts {
  readonly list: HTMLElement;
  readonly search: HTMLInputElement;
  readonly count: HTMLElement;
}

/** More lines than that at once are of no use to anyone, and slow. */
const MOST_SHOWN = 400;

/**
 * Fills a list with files that are links to the page for one file; typing in the search field leaves those whose names have
 * every word, and arrow keys go up and down.
 *
 * @param chosen called when the user has chosen a file
 */
export function createFileList(parts: FileListParts, chosen: (file: ListedFile) => void): FileList {
  const { list, search, count } = parts;
  let files: readonly ListedFile[] = [];
  let current: string | undefined;

  const links = (): HTMLAnchorElement[] => [...list.querySelectorAll("a")];
  const markCurrent = (): void => {
    for (const link of links()) {
      if (link.dataset.key === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  const draw = (): void => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = files.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
    const shown = found.slice(0, MOST_SHOWN);
    const focused = list.contains(document.activeElement)
      ? (document.activeElement as HTMLElement).dataset.key
      : undefined;
    list.replaceChildren(...shown.map(itemOf));
    markCurrent();
    if (focused !== undefined) (links().find((link) => link.dataset.key === focused) ?? search).focus();
    count.textContent = countText(shown.length, found.length, files.length);
  };
  const itemOf = (file: ListedFile): HTMLElement => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const names = file.name.split("/");
    link.href = `player.html?file=${encodeURIComponent(file.key)}`;
    link.dataset.key = file.key;
    link.title = file.name;
    link.append(
      textIn("file", titleOf(file.name)),
      textIn("when", whenOf(file.modified)),
      textIn("folder", names.slice(0, -1).join(" / ")),
    );
    link.addEventListener("click", (event) => {
      // A new tab or window is the browser's business.
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      current = file.key;
      markCurrent();
      chosen(file);
    });
    item.append(link);
    return item;
  };
  const step = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    const all: HTMLElement[] = [search, ...links()];
    const next = all[all.indexOf(document.activeElement as HTMLElement) + by];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };

  search.addEventListener("input", draw);
  search.addEventListener("keydown", step);
  list.addEventListener("keydown", step);
  return {
    show(now) {
      files = now;
      draw();
    },
    choose(key) {
      current = key;
      markCurrent();
    },
  };
}

/** A file's name as a piece's: without folders and `.mid`. */
export function titleOf(name: string): string {
  return (name.split("/").at(-1) ?? name).replace(/\.midi?$/i, "");
}

function textIn(kind: string, text: string): HTMLElement {
  const element = document.createElement("span");
  element.className = kind;
  element.textContent = text;
  return element;
}

function whenOf(modified: string): string {
  const date = new Date(modified);
  const isToday = date.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat("en-GB", isToday ? { timeStyle: "short" } : { dateStyle: "medium" }).format(
    date,
  );
}

function countText(shown: number, found: number, all: number): string {
  const files = `${all.toLocaleString("en-GB")} ${all === 1 ? "file" : "files"}`;
  if (shown < found) return `${shown} of ${files}: search for the others`;
  return found < all ? `${found} of ${files}` : files;
}
