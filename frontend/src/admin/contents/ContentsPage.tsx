/** Contents: the list, or the one that the address names. */
import type { BotPageProps } from "../botPage";
import { useQueryText } from "../router";
import { ContentList } from "./ContentList";
import { ContentPage } from "./ContentPage";

export default function ContentsPage({ bot, rest }: BotPageProps) {
  const source = new URLSearchParams(useQueryText()).get("source") ?? undefined;
  const [id] = rest;
  if (id === undefined) return <ContentList bot={bot} />;
  const faqId = rest.length > 1 ? null : id;
  return <ContentPage key={`${faqId} ${source}`} bot={bot} faqId={faqId} sourceId={source} />;
}
