/** A sample of the response: pasted, or fetched as for customers. */
import { Button } from "../../ui/Button";
import { texts } from "../texts/workshop";
import { AreaField } from "../ui/AreaField";
import { Loading } from "../ui/Loading";
import { Panel } from "../ui/Panel";
import { named } from "./panel";
import { jsonObject } from "./sourceForm";

interface Props {
  sample: string;
  given: string;
  busy: boolean;
  /** Something in the form cannot be sent. */
  blocked: boolean;
  onSample: (text: string) => void;
  onGiven: (text: string) => void;
  onWork: (pasted: boolean) => void;
}

export function SamplePanel({ sample, given, busy, blocked, onSample, onGiven, onWork }: Props) {
  const badArguments = jsonObject(given) === null;
  return (
    <Panel title={texts.sections.sample}>
      <div className="space-y-4">
        <AreaField
          {...named(texts.sampleText)}
          rows={5}
          value={sample}
          spellCheck={false}
          className="font-mono text-xs"
          onChange={onSample}
        />
        <AreaField
          {...named(texts.arguments)}
          rows={1}
          problem={badArguments ? texts.badJson : undefined}
          value={given}
          spellCheck={false}
          className="font-mono text-xs"
          onChange={onGiven}
        />
        <div className="flex flex-wrap gap-2">
          <Button className="text-sm" disabled={busy || blocked || !sample.trim()} onClick={() => onWork(true)}>
            {texts.usePasted}
          </Button>
          <Button className="text-sm" disabled={busy || blocked || badArguments} onClick={() => onWork(false)}>
            {texts.fetch}
          </Button>
        </div>
        {busy && <Loading label={texts.working} />}
      </div>
    </Panel>
  );
}
