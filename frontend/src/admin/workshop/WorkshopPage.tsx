/** The workshop: which of a bot's APIs is worked at, or a new one. */
import type { HttpSource } from "../../api/adminTypes";
import type { BotPageProps } from "../botPage";
import { navigate } from "../router";
import { paths } from "../routes";
import { texts as common } from "../texts/common";
import { texts } from "../texts/workshop";
import { Alert } from "../ui/Alert";
import { Failure } from "../ui/Failure";
import { Loading } from "../ui/Loading";
import { PageHead } from "../ui/PageHead";
import { SelectField } from "../ui/SelectField";
import { useBot } from "../useBot";
import { Workbench } from "./Workbench";

export default function WorkshopPage({ bot, rest }: BotPageProps) {
  const detail = useBot(bot);
  const head = <PageHead title={common.sections.workshop} lead={texts.lead} />;
  if (!detail.data) {
    return (
      <>
        {head}
        {detail.isError ? <Failure error={detail.error} onRetry={() => void detail.refetch()} /> : <Loading />}
      </>
    );
  }
  const edited = detail.data.draft ?? detail.data.published;
  const sources = (edited?.sources ?? []).filter((one): one is HttpSource => one.kind === "http");
  const chosen = sources.find((one) => one.source_id === rest[0]) ?? null;
  return (
    <>
      {head}
      {sources.length > 0 && (
        <div className="mb-5 max-w-sm">
          <SelectField
            label={texts.choose}
            value={chosen?.source_id ?? ""}
            options={[["", texts.newSource], ...sources.map((one) => [one.source_id, one.name] as const)]}
            onChange={(id) => navigate(id ? paths.workshop(bot, id) : paths.section(bot, "workshop"))}
          />
        </div>
      )}
      {rest[0] !== undefined && chosen === null ? (
        <Alert look="caution">{texts.unknown}</Alert>
      ) : (
        <Workbench key={chosen?.source_id ?? ""} detail={detail.data} source={chosen} />
      )}
    </>
  );
}
