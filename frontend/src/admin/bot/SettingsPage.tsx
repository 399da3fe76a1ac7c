/** A bot's settings: loaded, then edited. */
import type { BotPageProps } from "../botPage";
import { texts as common } from "../texts/common";
import { Failure } from "../ui/Failure";
import { Loading } from "../ui/Loading";
import { PageHead } from "../ui/PageHead";
import { useBot } from "../useBot";
import { SettingsEditor } from "./SettingsEditor";

export default function SettingsPage({ bot }: BotPageProps) {
  const detail = useBot(bot);
  if (detail.data) return <SettingsEditor detail={detail.data} />;
  return (
    <>
      <PageHead title={common.sections.settings} />
      {detail.isError ? <Failure error={detail.error} onRetry={() => void detail.refetch()} /> : <Loading />}
    </>
  );
}
