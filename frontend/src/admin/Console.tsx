/** The console: log-in, and behind it the pages of whoever's key it is. */
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { AdminApi } from "../api/admin";
import type { Me } from "../api/adminTypes";
import { ApiError } from "../api/errors";
import { SignedIn } from "./SignedIn";
import { SignIn } from "./SignIn";
import { reaches, storedKey } from "./session";
import { signIn } from "./texts/common";
import { Toaster } from "./ui/Toast";

interface Working {
  /** Another operator's is another one. */
  id: number;
  api: AdminApi;
  client: QueryClient;
}

let started = 0;

/** `origin` is the server's; the page's own by default. */
export function Console({ origin = location.origin }: { origin?: string }) {
  const [ended, setEnded] = useState(false);
  const start = (key: string): Working => ({
    id: ++started,
    api: new AdminApi(key, origin),
    client: newClient(onRefused),
  });
  const onRefused = useCallback(() => {
    storedKey.forget();
    setEnded(true);
  }, []);
  const [working, setWorking] = useState<Working | null>(() => {
    const key = storedKey.read();
    return key === null ? null : start(key);
  });
  const signOut = useCallback(() => {
    storedKey.forget();
    setWorking(null);
    setEnded(false);
  }, []);
  const was = working?.client.getQueryData<Me>(["me"]);
  const enter = (key: string, me: Me) => {
    storedKey.keep(key);
    setEnded(false);
    if (working && was && reaches(me, was)) {
      working.api.renew(key);
      working.client.setQueryData(["me"], me);
      void working.client.invalidateQueries();
    } else {
      setWorking(start(key)); // nothing of another operator's stays
    }
  };
  const open = (key: string) => new AdminApi(key, origin);
  if (working === null || (ended && !was)) {
    return <SignIn told={ended ? signIn.ended : undefined} open={open} onEnter={enter} />;
  }
  return (
    <QueryClientProvider client={working.client}>
      <Toaster key={working.id}>
        <SignedIn api={working.api} onSignOut={signOut} />
      </Toaster>
      {ended && <SignIn told={signIn.endedKept} open={open} onEnter={enter} onSignOut={signOut} />}
    </QueryClientProvider>
  );
}

/** What an operator's pages keep. With a key that is refused one logs in again, above what was being done. */
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
