import { previewServer } from "../../preview/index.js";
import type { GivenFile } from "../protocol.js";

/** A file that comes with the page. */
export interface CatalogueFile {
  readonly title: string;
  /** Relative to the page. */
  readonly path: string;
}

/** What comes with the page: `catalogue.json`, which the build writes. */
export interface Catalogue {
  /** Version of this package. */
  readonly version: string;
  readonly prompts: readonly CatalogueFile[];
  readonly tunes: readonly CatalogueFile[];
  readonly checkpoints: readonly (CatalogueFile & { readonly files: readonly string[] })[];
}

/** Fetches one of the page's own files. @throws Error naming it and what the server says */
export async function fetchFile(path: string): Promise<Blob> {
  const response = await fetch(path).catch((error: Error) => {
    throw new Error(`${path} can't be fetched: ${error.message}`);
  });
  if (!response.ok) throw new Error(`${path} can't be fetched: the server answers ${response.status}`);
  return response.blob();
}

/** What comes with the page, and after it the user's checkpoints, if a server gives some to this page. */
export async function fetchCatalogue(server = previewServer()): Promise<Catalogue> {
  const bundled = JSON.parse(await (await fetchFile("catalogue.json")).text()) as Catalogue;
  // An address of a server that has ended since is no reason to show less.
  const own = (await server?.checkpoints().catch(() => [])) ?? [];
  return { ...bundled, checkpoints: [...bundled.checkpoints, ...own] };
}

/** The file of the server's that the page's address names; undefined where it names none that is there. */
export async function fetchWanted(server = previewServer()): Promise<GivenFile | undefined> {
  const wanted = new URLSearchParams(location.search).get("file");
  const file = wanted === null ? undefined : (await server?.files())?.find(({ key }) => key === wanted);
  if (file === undefined) return undefined;
  return { path: file.name.split("/").at(-1) ?? file.name, content: await fetchFile(file.url) };
}

/** The files of a bundled checkpoint. */
export async function fetchCheckpoint({
  path,
  files,
}: Catalogue["checkpoints"][number]): Promise<GivenFile[]> {
  return Promise.all(
    files.map(async (name) => ({ path: `${path}/${name}`, content: await fetchFile(`${path}/${name}`) })),
  );
}

/** The bundled tunes. */
export async function fetchTunes({ tunes }: Catalogue): Promise<GivenFile[]> {
  return Promise.all(
    tunes.map(async ({ path }) => ({ path: path.replace(/^data\//, ""), content: await fetchFile(path) })),
  );
}
