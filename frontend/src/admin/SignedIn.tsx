/** The console of one operator: whose key it is, which bots they see, and the page that the address names. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { AdminApi } from "../api/admin";
import { Button } from "../ui/Button";
import { Pages } from "./Pages";
import { usePath } from "./router";
import { routeOf } from "./routes";
import { Shell } from "./Shell";
import { Session } from "./session";
import { texts } from "./texts/common";
import { Failure } from "./ui/Failure";
import { Loading } from "./ui/Loading";

interface Props {
  api: AdminApi;
  onSignOut: () => void;
}

export function SignedIn({ api, onSignOut }: Props) {
  const me = useQuery({
    queryKey: ["me"],
    queryFn: () => api.get("/v1/admin/me"),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const bots = useQuery({ queryKey: ["bots"], queryFn: () => api.get("/v1/admin/bots") });
  const path = usePath();
  const route = useMemo(() => routeOf(path), [path]);
  const session = useMemo(() => me.data && { api, me: me.data, signOut: onSignOut }, [api, me.data, onSignOut]);

  const failed = me.error ?? bots.error;
  if (failed && !(session && bots.data)) {
    return (
      <main className="mx-auto max-w-lg space-y-3 p-8">
        <Failure error={failed} onRetry={() => void (me.error ? me.refetch() : bots.refetch())} />
        <Button onClick={onSignOut}>{texts.signOut}</Button>
      </main>
    );
  }
  if (!session || !bots.data) {
    return (
      <main className="grid min-h-dvh place-items-center">
        <Loading />
      </main>
    );
  }
  return (
    <Session value={session}>
      <Shell route={route} bots={bots.data}>
        <Pages key={route.page === "bot" ? route.bot : route.page} route={route} bots={bots.data} />
      </Shell>
    </Session>
  );
}
