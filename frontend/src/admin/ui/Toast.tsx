/** A short word on what went well, said once and gone after some seconds. */
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from "react";

const SHOWN_MS = 4_000;
/** Says it, and gives what adds a line to it, as long as it is shown. */
type Saying = (text: string) => (line: string) => void;
const Say = createContext<Saying>(() => () => {});

/** Say that something is done. */
export function useSay(): Saying {
  return useContext(Say);
}

export function Toaster({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState<{ id: object; text: string } | null>(null);
  const say = useCallback((text: string) => {
    const id = {};
    setSaid({ id, text });
    return (line: string) => setSaid((now) => (now?.id === id ? { id, text: `${now.text}\n${line}` } : now));
  }, []);
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => setSaid(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <Say.Provider value={say}>
      {children}
      <div role="status" className="pointer-events-none fixed inset-x-0 bottom-5 z-20 grid justify-items-center px-4">
        {said && (
          <p className="whitespace-pre-line rounded-lg bg-ink px-4 py-2 text-ground text-sm shadow-lg motion-safe:transition-opacity">
            {said.text}
          </p>
        )}
      </div>
    </Say.Provider>
  );
}
