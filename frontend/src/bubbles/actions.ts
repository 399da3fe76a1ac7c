/** What bubbles can make happen, given by whoever shows them. */
import { createContext, useContext } from "react";

export interface BubbleActions {
  /** Follow an address that a bubble holds; `label` is what was tapped, `said` what a form adds. */
  tap: (label: string, path: string, said?: Record<string, unknown>) => void;
  /** Whether taps have to wait. */
  disabled: boolean;
}

const Actions = createContext<BubbleActions | null>(null);

export const BubbleActionsProvider = Actions.Provider;

export function useBubbleActions(): BubbleActions {
  const actions = useContext(Actions);
  if (actions === null) throw new Error("bubbles are shown inside BubbleActionsProvider");
  return actions;
}
