/** What differs between two versions of a bot. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { VersionLine } from "../../api/adminTypes";
import { Dialog } from "../../ui/Dialog";
import { dateTime } from "../format";
import { useSession } from "../session";
import { texts as all } from "../texts/bot";
import { Changes } from "../ui/Changes";
import { Failure } from "../ui/Failure";
import { Loading } from "../ui/Loading";
import { type Option, SelectField } from "../ui/SelectField";
import { described } from "./describe";

const texts = all.versions;

interface Props {
  bot: string;
  version: string;
  versions: readonly VersionLine[];
  hasDraft: boolean;
  onClose: () => void;
}

export function VersionDiff({ bot, version, versions, hasDraft, onClose }: Props) {
  const { api } = useSession();
  const [newest, second] = versions;
  const isNewest = newest?.version === version && second !== undefined; // with itself there is nothing to compare
  const [before, setBefore] = useState(isNewest ? second.version : version);
  const [after, setAfter] = useState("published");
  const diff = useQuery({
    queryKey: ["diff", bot, before, after],
    queryFn: () => api.get("/v1/admin/bots/{bot_id}/diff", { path: { bot_id: bot }, query: { before, after } }),
  });
  const options: Option[] = [
    ["published", texts.current],
    ...(hasDraft ? ([["draft", texts.draft]] as Option[]) : []),
    ...versions.map((one): Option => [one.version, texts.option(dateTime(one.published_at), one.published_by)]),
  ];
  return (
    <Dialog title={texts.compareTitle} place="wide" onClose={onClose}>
      <div className="space-y-4">
        <div className="grid gap-3 sm:grid-cols-2">
          <SelectField label={texts.before} value={before} options={options} onChange={setBefore} />
          <SelectField label={texts.after} value={after} options={options} onChange={setAfter} />
        </div>
        {diff.isPending && <Loading />}
        {diff.isError && <Failure error={diff.error} />}
        {diff.data?.length === 0 && <p className="text-muted text-sm">{texts.same}</p>}
        {diff.data && <Changes changes={described(diff.data)} />}
      </div>
    </Dialog>
  );
}
