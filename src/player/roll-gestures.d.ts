/** A place on the roll's stage, in pixels from its corner. */
export interface RollPoint {
    readonly x: number;
    readonly y: number;
}
/** What gestures ask of a roll. Distances in pixels. */
export interface GestureTarget {
    pan(dx: number, dy: number): void;
    zoom(factor: number, x: number): void;
    /** Whether the roll could be scrolled by `dy`; else the wheel is the page's. */
    canScrollDown(dy: number): boolean;
    /** The pointer rests here, or has left. */
    point(point: RollPoint | undefined): void;
    /** A click or tap. */
    press(point: RollPoint): void;
    scrub(x: number, isMoving: boolean): void;
    markLoop(fromX: number, toX: number): void;
}
/**
 * Listens to mouse, pen, touch and wheel: drag pans, two fingers or ctrl and wheel zoom, a click chooses, a drag on the
 * ruler moves the playhead, and one with shift marks a loop. Gives the function that ends it.
 */
export declare function followGestures(stage: HTMLElement, ruler: HTMLElement, target: GestureTarget): () => void;
//# sourceMappingURL=roll-gestures.d.ts.map