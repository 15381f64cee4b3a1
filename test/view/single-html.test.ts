import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { themeColours } from "../../src/player/theme.js";
import { base64 } from "../../src/view/base64.js";
import { singleHtml } from "../../src/view/index.js";

const midi = Uint8Array.from({ length: 256 }, (_, i) => i);
const playerScript = 'const end = "</script>", start = "<!--";\r\nexport { end, start };';

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** What stands between the first such start and its end. */
function between(text: string, start: string, end: string): string {
  const from = text.indexOf(start) + start.length;
  expect(from).toBeGreaterThanOrEqual(start.length);
  return text.slice(from, text.indexOf(end, from));
}

describe("base64", () => {
  it.each([0, 1, 2, 3, 4, 255, 3 * 4096 - 1, 3 * 4096, 3 * 4096 + 1, 50_000])(
    "is Node's, for %i bytes",
    (length) => {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 151 + 7) & 255);
      expect(base64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
    },
  );
});

describe("a piece as one page", () => {
  it("holds the file, and asks nobody for anything", () => {
    const html = singleHtml({ midi, title: "A piece", playerScript });
    expect(html).toContain(`src="data:audio/midi;base64,${Buffer.from(midi).toString("base64")}"`);
    expect(html).toContain("<title>A piece</title>");
    expect(html).not.toMatch(/https?:|\bsrc="(?!data:)|href=/);
    expect(html.match(/<script/g)).toHaveLength(1);
  });

  it("lets only its own script and style count", () => {
    const html = singleHtml({ midi, title: "A piece", playerScript, theme: "dark" });
    const policy = between(html, 'http-equiv="Content-Security-Policy" content="', '"');
    const script = between(html, '<script type="module">', "</script>");
    const style = between(html, "<style>", "</style>");
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `script-src ${hashOf(script)}`,
      `style-src ${hashOf(style)}`,
      "img-src data: blob:",
      "connect-src data: blob:",
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(style).toContain("color-scheme:dark");
  });

  it("keeps a script whole that speaks of scripts", async () => {
    const script = between(
      singleHtml({ midi, title: "", playerScript }),
      '<script type="module">',
      "</script>",
    );
    const loaded = await import(`data:text/javascript,${encodeURIComponent(script)}`);
    expect(loaded).toMatchObject({ end: "</script>", start: "<!--" });
    expect(script).not.toMatch(/\r|<!--/);
    expect(() => singleHtml({ midi, title: "", playerScript: "'\u0000'" })).toThrow(/NUL/);
  });

  it("holds a soundfont and what plays it", () => {
    const soundfont = { bytes: new Uint8Array([82, 73, 70, 70]), worklet: "registerProcessor();" };
    const html = singleHtml({ midi, title: "A piece", playerScript, soundfont });
    expect(html).toContain('soundfont="data:application/octet-stream;base64,UklGRg=="');
    expect(between(html, '<script type="text/plain" id="worklet">', "</script>")).toBe(soundfont.worklet);
    const scripts = [...html.matchAll(/<script type="module">(.*?)<\/script>/gs)].map(([, text]) =>
      hashOf(text),
    );
    expect(scripts).toHaveLength(2);
    expect(html).toContain(`script-src ${scripts.join(" ")} 'strict-dynamic' 'wasm-unsafe-eval';`);
  });

  it("takes any text as a title", () => {
    const title = `</title><script>alert("1")</script>'"&amp;<img onerror=x>\u0000`;
    const html = singleHtml({ midi, title, playerScript, promptEnd: '"><b>' });
    const shown =
      "&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;'&quot;&amp;amp;&lt;img onerror=x&gt;\ufffd";
    expect(between(html, "<title>", "</title>")).toBe(shown);
    expect(html).toContain(` title="${shown}" prompt-end="&quot;&gt;&lt;b&gt;"`);
    expect(html.match(/<script|<img|<b>/g)).toEqual(["<script"]);
  });

  it("has the player's colours", () => {
    const { paper, ink } = themeColours;
    const html = singleHtml({ midi, title: "", playerScript });
    expect(html).toContain(`background:light-dark(${paper.light},${paper.dark})`);
    expect(html).toContain(`color:light-dark(${ink.light},${ink.dark})`);
  });
});
