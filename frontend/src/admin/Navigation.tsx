/** Where the operator can go: what their role does not reach is not there. */
import type { BotLine, Role } from "../api/adminTypes";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { navigate } from "./router";
import { paths, type Route, type Section } from "./routes";
import { useSession } from "./session";
import { texts } from "./texts/common";
import { Link } from "./ui/Link";
import { SelectField } from "./ui/SelectField";

const GROUPS: readonly (readonly [label: string, sections: readonly (readonly [Section, Role])[]])[] = [
  [
    texts.groups.knowledge,
    [
      ["contents", "viewer"],
      ["golden", "viewer"],
    ],
  ],
  [
    texts.groups.operation,
    [
      ["insights", "viewer"],
      ["desk", "viewer"],
      ["history", "viewer"],
      ["try", "editor"],
    ],
  ],
  [
    texts.groups.bot,
    [
      ["settings", "viewer"],
      ["versions", "viewer"],
      ["workshop", "editor"],
      ["programs", "owner"],
    ],
  ],
];

const item =
  "block rounded-lg px-2.5 py-1.5 text-sm hover:bg-sunken aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium aria-[current=page]:text-accent";

interface Props {
  route: Route;
  bots: readonly BotLine[];
  /** Something was chosen, be it what is shown already. */
  onGo?: () => void;
}

export function Navigation({ route, bots, onGo }: Props) {
  const { me, may, signOut } = useSession();
  const shown = route.page === "bot" ? route.bot : (bots[0]?.bot_id ?? "");
  const section = route.page === "bot" ? route.section : "contents";
  const everywhere = [
    ["bots", texts.bots, paths.bots],
    ...(may("owner")
      ? ([["keys", texts.keys, paths.keys] as const, ["audit", texts.audit, paths.audit] as const] as const)
      : []),
  ] as const;
  return (
    <div className="flex min-h-full flex-col gap-5">
      <p className="hidden px-2.5 font-semibold lg:block">{texts.name}</p>
      {bots.length > 0 && (
        <SelectField
          label={texts.chooseBot}
          hideLabel
          value={shown}
          options={bots.map((one) => [one.bot_id, one.name ?? one.bot_id])}
          onChange={(bot) => navigate(paths.section(bot, section))}
        />
      )}
      <nav aria-label={texts.menu} className="flex-1 space-y-4">
        {bots.length > 0 &&
          GROUPS.map(([label, sections]) => (
            <Group key={label} label={label}>
              {sections
                .filter(([, role]) => may(role))
                .map(([name]) => (
                  <li key={name}>
                    <Link
                      href={paths.section(shown, name)}
                      className={item}
                      onClick={onGo}
                      aria-current={route.page === "bot" && route.section === name ? "page" : undefined}
                    >
                      {texts.sections[name]}
                    </Link>
                  </li>
                ))}
            </Group>
          ))}
        <Group label={texts.groups.all}>
          {everywhere.map(([page, label, path]) => (
            <li key={page}>
              <Link href={path} className={item} onClick={onGo} aria-current={route.page === page ? "page" : undefined}>
                {label}
              </Link>
            </li>
          ))}
        </Group>
      </nav>
      <div className="space-y-2 border-line border-t pt-3 text-sm">
        {bots.length > 0 && (
          <a
            href={`/?bot=${encodeURIComponent(shown)}`}
            target="_blank"
            rel="noreferrer"
            className="flex items-center gap-1.5 px-2.5 text-muted hover:text-ink"
          >
            {texts.openChat}
            <Icon name="external" className="size-4" />
          </a>
        )}
        <p className="px-2.5">
          <span className="font-medium">{me.name}</span> <span className="text-muted">{texts.roles[me.role]}</span>
        </p>
        <Button className="w-full py-1 text-sm" onClick={signOut}>
          {texts.signOut}
        </Button>
      </div>
    </div>
  );
}

function Group({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <p className="px-2.5 pb-1 font-medium text-muted text-xs">{label}</p>
      <ul className="space-y-0.5">{children}</ul>
    </div>
  );
}
