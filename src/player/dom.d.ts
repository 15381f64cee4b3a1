/** What an element is made with: attributes by name (`true` sets an empty one, undefined none), and what it holds. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
/**
 * A new element. Texts become text nodes, never markup: names out of files can go in as they are.
 *
 * @example make("button", { type: "button", class: "play" }, "Play")
 */
export declare function make<Name extends keyof HTMLElementTagNameMap>(name: Name, attributes?: Attributes, ...children: readonly (Node | string)[]): HTMLElementTagNameMap[Name];
/** A drawing of one path in a square of 24 units, in the colour of the text around it; hidden from screen readers. */
export declare function icon(path: string): SVGElement;
/** Sheets of CSS for a shadow root; not held to a page's `style-src`, as `style` elements are. */
export declare function adoptStyles(root: ShadowRoot, ...texts: readonly string[]): void;
/** Sets an element's text if it differs: what doesn't change costs no layout. */
export declare function setText(element: Element, text: string): void;
//# sourceMappingURL=dom.d.ts.map