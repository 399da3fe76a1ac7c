/** One content: loaded, then edited. */

import { paths, query } from "../routes";
import { texts } from "../texts/contents";
import { Failure } from "../ui/Failure";
import { Link } from "../ui/Link";
import { Loading } from "../ui/Loading";
import { PageHead } from "../ui/PageHead";
import { ContentEditor } from "./ContentEditor";
import { useContent } from "./useContent";

interface Props {
  bot: string;
  /** Nothing: a new one. */
  faqId: string | null;
  sourceId: string | undefined;
}

export function ContentPage({ bot, faqId, sourceId }: Props) {
  const content = useContent({ bot, faqId, sourceId });
  const back = <Link href={paths.section(bot, "contents") + query({ source: sourceId })}>← {texts.back}</Link>;
  if (faqId === null) return <ContentEditor bot={bot} sourceId={sourceId} detail={null} back={back} />;
  if (content.isError && !content.data) {
    return (
      <>
        <PageHead title={texts.title} back={back} />
        <Failure error={content.error} onRetry={() => void content.refetch()} />
      </>
    );
  }
  if (!content.data) return <Loading />;
  return <ContentEditor bot={bot} sourceId={sourceId} detail={content.data} back={back} />;
}
