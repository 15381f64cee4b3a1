/** Sorts by tick, in place; within a tick the order stays. */
export function byTick<Event extends { readonly tick: number }>(events: Event[]): Event[] {
  return events.sort((a, b) => a.tick - b.tick);
}
