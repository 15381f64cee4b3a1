/** Shapes of SVG as text; lengths in pixels, `style` is a class. */
export function rect(style: string, x: number, y: number, width: number, height: number): string {
  return `<rect class="${style}" x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}"/>`;
}

export function line(style: string, x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="${style}" x1="${number(x1)}" y1="${number(y1)}" x2="${number(x2)}" y2="${number(y2)}"/>`;
}

export function text(x: number, y: number, content: string, style?: string, anchor?: string): string {
  const attributes = `${style === undefined ? "" : ` class="${style}"`}${anchor === undefined ? "" : ` text-anchor="${anchor}"`}`;
  return `<text x="${number(x)}" y="${number(y)}"${attributes}>${escapeXml(content)}</text>`;
}

/** At most two digits after the point: a hundredth of a pixel is not seen. */
export function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}

// XML 1.0 allows no other control characters, not even escaped.
export function escapeXml(content: string): string {
  const names: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return content
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replace(/[&<>"']/g, (character) => names[character]);
}
