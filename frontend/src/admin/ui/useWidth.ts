/** How wide an element is, in pixels, as long as it is there. */
import { useCallback, useState } from "react";

export function useWidth(first: number) {
  const [width, setWidth] = useState(first);
  const ref = useCallback((element: Element | null) => {
    if (element === null || typeof ResizeObserver === "undefined") return; // jsdom has none
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [width, ref] as const;
}
