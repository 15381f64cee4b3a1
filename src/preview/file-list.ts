import type { ListedFile } from "./server.js";

/** The list of files: which of them are shown, and which one is chosen. */
export interface FileList {
  /** Takes the files as they are now; the chosen one stays chosen. */
  show(files: readonly ListedFile[]): void;
  /** The chosen file, as it is now. */
  readonly chosen: ListedFile | undefined;
}

/** The parts of the page that the list lives in. */
export interface FileListParts {
  readonly list: HTMLElement;
  readonly search: HTMLInputElement;
  readonly count: HTMLElement;
}

/** Fills a list with files that are links to themselves; typing in the search field leaves those whose names have every word. */
export function createFileList(parts: FileListParts, choose: (file: ListedFile) => void): FileList {
  const { list, search, count } = parts;
  let files: readonly ListedFile[] = [];
  let chosen: string | undefined;

  const draw = (): void => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = files.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
    const focused = (document.activeElement as HTMLElement | null)?.dataset.name;
    list.replaceChildren(...shown.map(itemOf));
    if (focused !== undefined) linkOf(focused)?.focus();
    count.textContent =
      shown.length === files.length ? counted(files.length) : `${shown.length} of ${counted(files.length)}`;
  };
  const linkOf = (name: string): HTMLElement | undefined =>
    [...list.querySelectorAll<HTMLElement>("a")].find((link) => link.dataset.name === name);

  const itemOf = (file: ListedFile): HTMLElement => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const parts = file.name.split("/");
    link.href = file.url;
    link.dataset.name = file.name;
    if (file.name === chosen) link.setAttribute("aria-current", "true");
    link.append(
      textIn("span", "file", parts.at(-1) ?? ""),
      textIn("span", "folder", parts.slice(0, -1).join(" / ")),
      textIn("time", "when", whenOf(file.modified)),
    );
    link.addEventListener("click", (event) => {
      // A new tab or window is the browser's business.
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      pick(file);
    });
    item.append(link);
    return item;
  };
  const pick = (file: ListedFile): void => {
    chosen = file.name;
    for (const link of list.querySelectorAll<HTMLElement>("a")) {
      if (link.dataset.name === chosen) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    choose(file);
  };

  search.addEventListener("input", draw);
  return {
    show(now) {
      files = now;
      draw();
    },
    get chosen() {
      return files.find(({ name }) => name === chosen);
    },
  };
}

function textIn(tag: string, kind: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = kind;
  element.textContent = text;
  return element;
}

function whenOf(modified: string): string {
  const date = new Date(modified);
  const isToday = date.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(
    undefined,
    isToday ? { timeStyle: "short" } : { dateStyle: "medium" },
  ).format(date);
}

function counted(number: number): string {
  return `${number.toLocaleString()} ${number === 1 ? "file" : "files"}`;
}
