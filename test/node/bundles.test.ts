import { readdirSync, readFileSync, statSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { pagePolicy } from "../../src/node/preview-policy.js";

const text = (path: string): string => readFileSync(path, "utf8");
const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    statSync(`${folder}/${path}`).isFile(),
  );

describe("the player's module", () => {
  const script = text("dist/player/attacca-player.js");

  it("is small: 150 kB as it travels", () => {
    expect(gzipSync(script, { level: 9 }).length).toBeLessThan(150_000);
  });

  it("is one file, which asks for nothing but what lies beside it", () => {
    expect(script).not.toMatch(/\bimport\s*(?:[\w*{]|["'(])[^;]{0,200}?(?:from|\))\s*["'][^"']/);
    const beside = [...script.matchAll(/new URL\(\s*[`"']([^`"']*)[`"']\s*,\s*import\.meta\.url\)/g)];
    expect(beside.map(([, path]) => path)).toEqual(["./attacca-soundfont.js"]);
    expect(filesUnder("dist/player")).toContain("attacca-soundfont.js");
  });

  it("says whose work is in it, and under which licences", () => {
    const comment = script.slice(0, script.indexOf("*/"));
    expect(comment.startsWith("/*!")).toBe(true);
    for (const words of [
      /^tone [\d.]+ \(MIT\)$/m,
      /Yotam Mann/,
      /Permission is hereby granted, free of charge/,
    ]) {
      expect(comment).toMatch(words);
    }
    const inPages = text("dist/pages/LICENSES.txt");
    for (const words of [/^@tensorflow\/tfjs-core /m, /^spessasynth_core /m, /^fflate /m, /^tone /m]) {
      expect(inPages).toMatch(words);
    }
  });

  it("defines the element where there are elements, and does no harm elsewhere", async () => {
    const module = await import("../../dist/player/attacca-player.js" as string);
    expect(Object.keys(module)).toEqual(
      expect.arrayContaining(["AttaccaPlayer", "defineAttaccaPlayer", "PianoRoll"]),
    );
  });
});

describe("the pages", () => {
  const pages = readdirSync("dist/pages").filter((name) => name.endsWith(".html"));

  it.each(pages)("%s runs and styles nothing inline, and has the policy that forbids it", (name) => {
    const html = text(`dist/pages/${name}`);
    expect(html).toContain(`<meta http-equiv="Content-Security-Policy" content="${pagePolicy}" />`);
    expect(html.indexOf("Content-Security-Policy")).toBeLessThan(html.indexOf("<script"));
    expect(html).not.toMatch(/<script(?![^>]*\bsrc="\.\/)|<style|\sstyle=|\son\w+=|javascript:|https?:/i);
  });

  it.each(pages)("%s finds everything that it names", (name) => {
    const named = [...text(`dist/pages/${name}`).matchAll(/\b(?:src|href|soundfont)="\.?\/?([^"#?]+)/g)];
    expect(named.length).toBeGreaterThan(3);
    for (const [, path] of named) expect(statSync(`dist/pages/${path}`).size, path).toBeGreaterThan(0);
  });

  it("have scripts that evaluate no text and know no other server", () => {
    const scripts = filesUnder("dist/pages/assets").filter((path) => path.endsWith(".js"));
    expect(scripts.length).toBeGreaterThan(3);
    for (const path of scripts) {
      const script = text(`dist/pages/assets/${path}`);
      for (const [, url] of script.matchAll(/\bimport\(?\s*[`"']([^`"']+)[`"']/g))
        expect(url, path).toMatch(/^\.\//);
      expect(script, path).not.toMatch(/\b(?:importScripts|fetch)\(\s*[`"']https?:/);
    }
  });

  it("bring the soundfont with its licence", () => {
    expect(statSync("dist/pages/soundfont/sonivox.sf3").size).toBeGreaterThan(500_000);
    expect(text("dist/pages/soundfont/LICENSE")).toContain("Apache License");
  });
});
