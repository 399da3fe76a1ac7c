/** Which images and videos are shown, and what is said of one that does not come. */
import { useState } from "react";
import { texts } from "../texts";

/** Whether a medium comes over https: anything else could be read, or changed, on its way. */
export function isSecure(url: string): boolean {
  return /^https:\/\//i.test(url);
}

/** The addresses that could not be loaded, and what adds one. */
export function useNotLoaded(): [ReadonlySet<string>, (url: string) => void] {
  const [notLoaded, setNotLoaded] = useState<ReadonlySet<string>>(new Set());
  return [notLoaded, (url) => setNotLoaded((before) => new Set(before).add(url))];
}

export function NotLoaded({ what }: { what: "image" | "video" }) {
  const { imageNotLoaded, videoNotLoaded } = texts.bubbles;
  return (
    <p className="rounded-xl bg-sunken px-4 py-6 text-center text-muted text-sm">
      {what === "image" ? imageNotLoaded : videoNotLoaded}
    </p>
  );
}
