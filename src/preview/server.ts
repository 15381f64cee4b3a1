/** A file as the preview server lists it. */
export interface ListedFile {
  /** What tells it from all others, for as long as the server runs. */
  readonly key: string;
  /** Its path with the name of the folder in front that was given. */
  readonly name: string;
  readonly url: string;
  readonly bytes: number;
  /** ISO 8601. */
  readonly modified: string;
}

/** A folder with a model in it, as the preview server lists it. */
export interface ListedCheckpoint {
  readonly title: string;
  /** The folder's address. */
  readonly path: string;
  /** Names of files in it. */
  readonly files: readonly string[];
}

/** The preview server, as this page may ask it. */
export interface PreviewServer {
  /** The user's MIDI files, newest first. */
  files(): Promise<readonly ListedFile[]>;
  checkpoints(): Promise<readonly ListedCheckpoint[]>;
  /** Calls `changed` after files have come, changed or gone; while the page is hidden it doesn't listen. */
  follow(changed: () => void): void;
}

const KEY = "attacca-token";

/**
 * The server behind this page; undefined where the page's address had no token in it. The token is taken out of the address
 * and kept for this tab, so that it isn't copied along with the address.
 */
export function previewServer(): PreviewServer | undefined {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given !== null) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  const token = sessionStorage.getItem(KEY);
  if (token === null) return undefined;
  const api = `api/${encodeURIComponent(token)}`;
  const list = async (what: string) => {
    const response = await fetch(`${api}/${what}`);
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  };
  return {
    files: () => list("files"),
    checkpoints: () => list("checkpoints"),
    follow(changed) {
      let events: EventSource | undefined;
      const listen = (): void => {
        events?.close();
        events = undefined;
        // A browser keeps few connections to one server: tabs in the background would use them up.
        if (document.hidden) return;
        events = new EventSource(`${api}/events`);
        events.addEventListener("ready", changed);
        events.addEventListener("change", changed);
      };
      document.addEventListener("visibilitychange", listen);
      listen();
    },
  };
}
