/** Who listens to what, by name. */
export interface Listeners<Events> {
    /** Calls `listener` at each such event. Gives the function that ends it. */
    on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void;
    emit<Name extends keyof Events>(name: Name, event: Events[Name]): void;
    clear(): void;
}
export declare function createListeners<Events>(): Listeners<Events>;
//# sourceMappingURL=events.d.ts.map