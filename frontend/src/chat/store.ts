/** A value that components follow in parts: who selects what has not changed is not rendered again. */
import { useSyncExternalStore } from "react";

export class Store<State> {
  private readonly listeners = new Set<() => void>();

  constructor(private state: State) {}

  get = (): State => this.state;

  set(change: (state: State) => State): void {
    this.state = change(this.state);
    for (const listener of this.listeners) listener();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

/** A part of a store's state; `select` gives the same object as long as the part is the same. */
export function useStore<State, Part>(store: Store<State>, select: (state: State) => Part): Part {
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}
