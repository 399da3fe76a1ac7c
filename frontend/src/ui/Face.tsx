/** The bot's face, by its expression. */
import type { Expression } from "../api/types";
import { texts } from "../texts";

const mouths: Record<Expression, string> = {
  SMILE: "M10.500 19c3.200 3.400 7.800 3.400 11 0",
  THINKING: "M12 20h8",
  CRYING: "M10.500 21.500c3.200-3.400 7.800-3.400 11 0",
};

export function Face({ expression, className = "size-8" }: { expression: Expression; className?: string }) {
  return (
    <svg viewBox="0 0 32 32" role="img" aria-label={texts.expressions[expression]} className={`shrink-0 ${className}`}>
      <rect width="32" height="32" rx="10" className="fill-accent" />
      <circle cx="11.500" cy={expression === "THINKING" ? 12 : 13.5} r="1.900" className="fill-on-accent" />
      <circle cx="20.500" cy={expression === "THINKING" ? 12 : 13.5} r="1.900" className="fill-on-accent" />
      <path d={mouths[expression]} fill="none" strokeWidth="2" strokeLinecap="round" className="stroke-on-accent" />
    </svg>
  );
}
