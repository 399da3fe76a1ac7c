/** Keeps a scrolled area at its end while it grows, unless its reader has scrolled up. */
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

const NEAR_PX = 80;

export function useStickToBottom(area: RefObject<HTMLElement | null>, content: RefObject<HTMLElement | null>) {
  const sticks = useRef(false); // a greeting is read from its beginning
  /** Whether something came below what the reader reads. */
  const [behind, setBehind] = useState(false);

  const toBottom = useCallback(() => {
    sticks.current = true;
    setBehind(false);
    if (area.current) area.current.scrollTop = area.current.scrollHeight;
  }, [area]);

  useEffect(() => {
    const scrolled = area.current;
    const grown = content.current;
    if (!scrolled || !grown) return;
    let height = grown.offsetHeight;
    let width = grown.offsetWidth;
    let top = scrolled.scrollTop;
    const onScroll = () => {
      const atEnd = scrolled.scrollHeight - scrolled.scrollTop - scrolled.clientHeight < NEAR_PX;
      // Growth moves the end away, not the reader: only who scrolls up has left it
      if (atEnd) sticks.current = true;
      else if (scrolled.scrollTop < top) sticks.current = false;
      top = scrolled.scrollTop;
      if (atEnd) setBehind(false);
    };
    const observer = new ResizeObserver(() => {
      const grew = grown.offsetHeight > height && grown.offsetWidth === width; // narrower, the same is higher
      height = grown.offsetHeight;
      width = grown.offsetWidth;
      if (sticks.current) scrolled.scrollTop = scrolled.scrollHeight;
      else if (grew) setBehind(true);
    });
    scrolled.addEventListener("scroll", onScroll, { passive: true });
    observer.observe(grown);
    observer.observe(scrolled); // a keyboard on a telephone's screen makes it smaller
    return () => {
      scrolled.removeEventListener("scroll", onScroll);
      observer.disconnect();
    };
  }, [area, content]);

  return { behind, toBottom };
}
