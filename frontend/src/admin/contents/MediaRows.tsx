/** Images and videos of a content. */
import { texts as common } from "../texts/common";
import { texts } from "../texts/contents";
import { RowsField } from "../ui/RowsField";
import { SelectField } from "../ui/SelectField";
import { TextField } from "../ui/TextField";
import type { MediaRow } from "./form";

interface Props {
  media: MediaRow[];
  types: readonly string[];
  problem: string | undefined;
  disabled: boolean;
  onChange: (media: MediaRow[]) => void;
}

const EMPTY: MediaRow = { url: "", kind: "image", caption: "", service_type: "" };

export function MediaRows({ media, types, problem, disabled, onChange }: Props) {
  return (
    <div>
      <RowsField
        label={texts.fields.media}
        addLabel={texts.addMedia}
        rows={media}
        empty={EMPTY}
        most={20}
        disabled={disabled}
        onChange={onChange}
      >
        {(row, change) => (
          <>
            <TextField label={texts.media.url} type="url" value={row.url} onChange={(url) => change({ ...row, url })} />
            <SelectField
              label={texts.media.kind}
              value={row.kind}
              options={[
                ["image", texts.media.image],
                ["video", texts.media.video],
              ]}
              onChange={(kind) => change({ ...row, kind })}
            />
            <TextField
              label={texts.media.caption}
              value={row.caption}
              onChange={(caption) => change({ ...row, caption })}
            />
            <SelectField
              label={texts.media.service}
              value={row.service_type}
              options={[
                ["", common.all],
                ...[...new Set([...types, row.service_type])].filter(Boolean).map((one) => [one, one] as const),
              ]}
              onChange={(service_type) => change({ ...row, service_type })}
            />
          </>
        )}
      </RowsField>
      {problem && <p className="mt-1 text-danger text-xs">{problem}</p>}
    </div>
  );
}
