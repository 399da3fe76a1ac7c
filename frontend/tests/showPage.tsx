/** The whole page in jsdom, in front of a fake server. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { ChatPage } from "../src/chat/ChatPage";
import type { FakeHaedap } from "./fakeHaedap";

await import("../src/bubbles/Markdown"); // so that it is there at once

export function showPage(server: FakeHaedap) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <QueryClientProvider client={client}>
      <ChatPage api={server.api} />
    </QueryClientProvider>,
  );
}

export async function ask(text: string): Promise<void> {
  await userEvent.type(await screen.findByRole("textbox", { name: "질문" }), `${text}{Enter}`);
}
