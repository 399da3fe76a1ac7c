/** What the view of a bubble of any type is given. */
import type { Bubble, Source } from "../api/types";

export interface BubbleProps {
  bubble: Bubble;
  /** What citations in its text may name. */
  sources?: readonly Source[];
  /** Goes to a source that the text cites. */
  onCite?: (n: number) => void;
}
