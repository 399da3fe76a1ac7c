/** Which days the figures are of. */
import { type FormEvent, useState } from "react";
import { Button } from "../../ui/Button";
import { dayBefore } from "../format";
import { texts } from "../texts/insights";
import { TextField } from "../ui/TextField";
import type { Days } from "./useInsights";

interface Props {
  days: Days;
  onChange: (days: Days) => void;
  /** How many days before today each begins, and what it is called. */
  ranges?: readonly (readonly [number, string])[];
}

export function DayRange({ days, onChange, ranges = texts.ranges }: Props) {
  const [chosen, setChosen] = useState(days);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChange(chosen);
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-3">
      <TextField
        label={texts.from}
        type="date"
        required
        max={dayBefore(0)}
        value={chosen.from}
        onChange={(from) => setChosen({ ...chosen, from })}
      />
      <TextField
        label={texts.to}
        type="date"
        required
        max={dayBefore(0)}
        value={chosen.to}
        onChange={(to) => setChosen({ ...chosen, to })}
      />
      <Button type="submit" className="py-1.5 text-sm">
        {texts.apply}
      </Button>
      <span className="flex gap-1.5">
        {ranges.map(([before, label]) => (
          <Button
            key={label}
            look="chip"
            aria-pressed={days.from === dayBefore(before) && days.to === dayBefore(0)}
            className="aria-pressed:border-accent aria-pressed:text-accent"
            onClick={() => onChange({ from: dayBefore(before), to: dayBefore(0) })}
          >
            {label}
          </Button>
        ))}
      </span>
    </form>
  );
}
