/** Who listens to what, by name. */
export interface Listeners<Events> {
  /** Calls `listener` at each such event. Gives the function that ends it. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void;
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void;
  clear(): void;
}

export function createListeners<Events>(): Listeners<Events> {
  const all = new Map<keyof Events, Set<(event: never) => void>>();
  return {
    on(name, listener) {
      const set = all.get(name) ?? new Set();
      all.set(name, set.add(listener));
      return () => void set.delete(listener);
    },
    emit(name, event) {
      for (const listener of [...(all.get(name) ?? [])]) (listener as (event: unknown) => void)(event);
    },
    clear: () => all.clear(),
  };
}
