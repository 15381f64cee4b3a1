/** What an element is made with: attributes by name (`true` sets an empty one, undefined none), and what it holds. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * A new element. Texts become text nodes, never markup: names out of files can go in as they are.
 *
 * @example make("button", { type: "button", class: "play" }, "Play")
 */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}

/** Sets an element's text if it differs: what doesn't change costs no layout. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
