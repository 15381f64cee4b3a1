import { spawn } from "node:child_process";

/**
 * Opens an address in the user's browser: the one that the variable BROWSER names, or the system's.
 *
 * @returns whether a program was started for it
 */
export function openBrowser(url: string): Promise<boolean> {
  const [program, ...words] = browserCommand(url, process.platform, process.env.BROWSER);
  return new Promise((resolve) => {
    const child = spawn(program, words, { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}

/** The command line that opens an address on a platform; no shell reads it. */
export function browserCommand(
  url: string,
  platform: NodeJS.Platform,
  browser?: string,
): readonly [program: string, ...words: string[]] {
  if (browser) return [browser, url];
  if (platform === "darwin") return ["open", url];
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler", url];
  return ["xdg-open", url];
}
