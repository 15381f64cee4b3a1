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

/** What comes with the page. */
export async function fetchCatalogue(): Promise<Catalogue> {
  return JSON.parse(await (await fetchFile("catalogue.json")).text()) as Catalogue;
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
