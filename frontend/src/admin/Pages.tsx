/** The page that an address names; each is loaded when it is opened. */
import { type ComponentType, lazy, Suspense, useEffect } from "react";
import type { BotLine, Role } from "../api/adminTypes";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import type { BotPageProps } from "./botPage";
import { navigate } from "./router";
import { paths, type Route, type Section } from "./routes";
import { useSession } from "./session";
import { texts } from "./texts/common";
import { Alert } from "./ui/Alert";
import { Link } from "./ui/Link";
import { Loading } from "./ui/Loading";
import { PageHead } from "./ui/PageHead";

const PAGES: Record<Section, readonly [ComponentType<BotPageProps>, Role]> = {
  contents: [lazy(() => import("./contents/ContentsPage")), "viewer"],
  try: [lazy(() => import("./trial/TryPage")), "editor"],
  golden: [lazy(() => import("./golden/GoldenPage")), "viewer"],
  insights: [lazy(() => import("./insights/InsightsPage")), "viewer"],
  desk: [lazy(() => import("./desk/DeskPage")), "viewer"],
  history: [lazy(() => import("./history/HistoryPage")), "viewer"],
  settings: [lazy(() => import("./bot/SettingsPage")), "viewer"],
  versions: [lazy(() => import("./bot/VersionsPage")), "viewer"],
  workshop: [lazy(() => import("./workshop/WorkshopPage")), "editor"],
  programs: [lazy(() => import("./keys/ProgramsPage")), "owner"],
};
const Bots = lazy(() => import("./bot/BotsPage"));
const Keys = lazy(() => import("./keys/KeysPage"));
const Audit = lazy(() => import("./keys/AuditPage"));

export function Pages({ route, bots }: { route: Route; bots: readonly BotLine[] }) {
  const name = route.page === "bot" ? `${route.section} ${route.rest.join("/")}` : route.page;
  return (
    <ErrorBoundary key={name} fallback={<Alert look="danger">{texts.broken}</Alert>}>
      <Suspense fallback={<Loading />}>
        <Shown route={route} bots={bots} />
      </Suspense>
    </ErrorBoundary>
  );
}

function Shown({ route, bots }: { route: Route; bots: readonly BotLine[] }) {
  const { may } = useSession();
  const [first] = bots;
  switch (route.page) {
    case "start":
      return <Redirect to={first ? paths.section(first.bot_id, "contents") : paths.bots} />;
    case "bots":
      return <Bots bots={bots} />;
    case "keys":
    case "audit": {
      if (!may("owner")) return <NotFound />;
      return route.page === "keys" ? <Keys bots={bots} /> : <Audit bots={bots} />;
    }
    case "bot": {
      const [Page, role] = PAGES[route.section];
      if (!may(role) || bots.every((one) => one.bot_id !== route.bot)) return <NotFound />;
      return <Page bot={route.bot} rest={route.rest} />;
    }
    case "unknown":
      return <NotFound />;
  }
}

function Redirect({ to }: { to: string }) {
  useEffect(() => navigate(to, { replace: true }), [to]);
  return null;
}

function NotFound() {
  return (
    <PageHead title={texts.notFound.title} lead={texts.notFound.lead}>
      <Link href={paths.start}>{texts.notFound.back}</Link>
    </PageHead>
  );
}
