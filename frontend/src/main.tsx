/** Where the page begins: the bot is the one that its address names. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { Api } from "./api/client";
import { ApiError } from "./api/errors";
import { ChatPage } from "./chat/ChatPage";
import "./page.css";
import { texts } from "./texts";
import { Button } from "./ui/Button";
import { ErrorBoundary } from "./ui/ErrorBoundary";
import { hostPage } from "./widget/hostPage";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no place to be shown in");

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // What the server refuses it will refuse again; what it was not reached for, or failed at, may go well
      retry: (failures, error) =>
        failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
});

const broken = (
  <div role="alert" className="m-auto grid justify-items-center gap-4 p-8">
    <p>{texts.errors.page}</p>
    <Button onClick={() => location.reload()}>{texts.errors.reload}</Button>
  </div>
);

const host = hostPage(location, parent);
const bot = new URLSearchParams(location.search).get("bot") ?? "default";

createRoot(root).render(
  <ErrorBoundary fallback={broken}>
    <QueryClientProvider client={client}>
      <ChatPage api={new Api(bot, location.origin, host)} onClose={host ? () => host.close() : undefined} />
    </QueryClientProvider>
  </ErrorBoundary>,
);
