/** Text, the parameters of an ANSI style for it, and what stands in its place where there are no styles. */
export type Styled = readonly [text: string, style?: string, plain?: string];

/** One line of the parts, with ANSI styles if `colour` is true; spaces at the end are left out. */
export function joinStyled(parts: readonly Styled[], colour: boolean): string {
  if (!colour)
    return parts
      .map(([text, , plain]) => plain ?? text)
      .join("")
      .trimEnd();
  let line = "";
  let current = "";
  const end = parts.findLastIndex(([text]) => text.trim() !== "") + 1;
  for (const [text, style = ""] of parts.slice(0, end)) {
    // A space looks the same in any of our styles: none of them but a block has a background.
    if (style !== current && text.trim() !== "") {
      line += `${current === "" ? "" : "\x1b[0m"}${style === "" ? "" : `\x1b[${style}m`}`;
      current = style;
    }
    line += text;
  }
  return current === "" ? line : `${line}\x1b[0m`;
}

/** How many columns of a terminal a text takes: two for East Asian wide characters and emoji. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mn}/u.test(character)) continue;
    width += isWide(character.codePointAt(0)!) ? 2 : 1;
  }
  return width;
}

// Hangul, CJK, Kana, full-width forms, emoji (Unicode Standard Annex 11, categories W and F, in whole blocks).
function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    code >= 0x1f300
  );
}

/** The text, cut so that it takes at most `width` columns; a cut is shown by a full stop. */
export function fitText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let fitted = "";
  let used = 1;
  for (const character of text) {
    used += textWidth(character);
    if (used > width) break;
    fitted += character;
  }
  return width < 1 ? "" : `${fitted}.`;
}
