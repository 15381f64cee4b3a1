import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { browserCommand } from "../../src/node/open-browser.js";
import { runCli } from "./run-cli.js";

const READY = /Ctrl-C ends it/;

describe("attacca preview", () => {
  it("prints one object when it is ready, serves until Ctrl-C, and ends with 130", async () => {
    const ended = await runCli(["preview", "data/prompts/chorale.mid", "checkpoints/chorales", "--json"], {
      onStderr(text, kill) {
        if (READY.test(text)) kill("SIGINT");
      },
    });
    expect(ended.code, ended.stderr).toBe(130);
    const lines = ended.stdout.trim().split("\n");
    expect(lines).toHaveLength(1);
    const ready = JSON.parse(lines[0]);
    expect(ready).toMatchObject({ files: 1, checkpoints: 1 });
    expect(ready.url).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${ready.port}/#token=[\\w-]{32}$`));
    expect(ended.stderr).toContain("1 MIDI file and 1 checkpoint");
  });

  it("prints the address for people, and opens it where a browser is named, without the token", async () => {
    const ended = await runCli(["preview", "data/prompts/chorale.mid", "--open"], {
      env: { BROWSER: "attacca-no-such-browser" },
      onStderr(text, kill) {
        if (/No browser could be opened/.test(text)) kill("SIGTERM");
      },
    });
    expect(ended.code, ended.stderr).toBe(130);
    expect(ended.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=\S+\n$/);
  });

  it.each([
    ["linux", undefined, ["xdg-open", "http://x/"]],
    ["darwin", undefined, ["open", "http://x/"]],
    ["win32", undefined, ["rundll32", "url.dll,FileProtocolHandler", "http://x/"]],
    ["linux", "firefox", ["firefox", "http://x/"]],
  ] as const)("asks %s for a browser (BROWSER: %s)", (platform, browser, expected) => {
    expect(browserCommand("http://x/", platform, browser)).toEqual(expected);
  });

  it("says which port is taken, and refuses to be seen from elsewhere", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    const taken = await runCli(["preview", "data/prompts", "--port", String(port)]);
    expect(taken.code).toBe(1);
    expect(taken.stderr).toBe(
      `attacca: invalid port ${port} of 127.0.0.1: taken by another program; expected a free port. Leave --port out to take a free one\n`,
    );
    other.close();
    for (const args of [
      ["--host", "0.0.0.0"],
      ["--port", "70000"],
    ]) {
      expect((await runCli(["preview", "data/prompts", ...args])).code).toBe(2);
    }
    expect((await runCli(["preview", "no-such-folder"])).code).toBe(1);
  });
});
