/** What a page of one bot is given: the bot's id, and what its address says behind the page's name. */
export interface BotPageProps {
  bot: string;
  rest: string[];
}
