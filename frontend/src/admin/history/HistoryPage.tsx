/** The history: the list, or the one question that the address names. */
import type { BotPageProps } from "../botPage";
import { HistoryList } from "./HistoryList";
import { TurnPage } from "./TurnPage";

export default function HistoryPage({ bot, rest }: BotPageProps) {
  const [day, chatId] = rest;
  if (day === undefined || chatId === undefined) return <HistoryList bot={bot} />;
  return <TurnPage key={chatId} bot={bot} day={day} chatId={chatId} />;
}
