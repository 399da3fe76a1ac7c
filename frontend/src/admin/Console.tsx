/** The console: log-in, and behind it the pages of whoever's key it is. */
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { AdminApi } from "../api/admin";
import { ApiError } from "../api/errors";
import { SignedIn } from "./SignedIn";
import { SignIn } from "./SignIn";
import { storedKey } from "./session";
import { signIn } from "./texts/common";
import { Toaster } from "./ui/Toast";

/** `origin` is the server's; the page's own by default. */
export function Console({ origin = location.origin }: { origin?: string }) {
  const [key, setKey] = useState(storedKey.read);
  const [ended, setEnded] = useState<string>();
  const working = useMemo(() => {
    if (key === null) return null;
    const leave = (why?: string) => {
      storedKey.forget();
      setKey(null);
      setEnded(why);
    };
    return { api: new AdminApi(key, origin), client: newClient(() => leave(signIn.ended)), signOut: () => leave() };
  }, [key, origin]);
  if (working === null) {
    const enter = (given: string) => {
      storedKey.keep(given);
      setEnded(undefined);
      setKey(given);
    };
    return <SignIn told={ended} open={(given) => new AdminApi(given, origin)} onEnter={enter} />;
  }
  return (
    <QueryClientProvider client={working.client}>
      <Toaster>
        <SignedIn api={working.api} onSignOut={working.signOut} />
      </Toaster>
    </QueryClientProvider>
  );
}

/** What an operator's pages keep; with a key that is refused, all of it goes. */
function newClient(onRefused: () => void): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof ApiError && error.status === 401) onRefused();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // What the server refuses it will refuse again; of what it failed at the operator is told soon
        retry: (failures, error) => failures < 1 && !(error instanceof ApiError && error.status < 500),
        staleTime: 5_000,
        refetchOnWindowFocus: false, // a form must not change under the hands
      },
    },
  });
}
