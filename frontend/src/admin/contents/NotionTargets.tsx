/** Which of Notion's documents editors may read into this source; who owns all bots can close them. */
import type { NotionSetUp } from "../../api/adminTypes";
import { Button } from "../../ui/Button";
import { texts } from "../texts/notion";
import { Alert } from "../ui/Alert";

interface Props {
  setUp: NotionSetUp;
  disabled: boolean;
  onChoose: (id: string) => void;
  onClose: (id: string) => void;
}

export function NotionTargets({ setUp, disabled, onChoose, onClose }: Props) {
  const { any, open_ids, targets } = setUp;
  if (open_ids.length === 0) return any ? null : <Alert look="caution">{texts.noneOpen}</Alert>;
  return (
    <section aria-label={texts.open_}>
      <h3 className="font-medium text-sm">{texts.open_}</h3>
      <p className="text-muted text-xs">{any ? texts.openOwner : texts.openOthers}</p>
      <ul className="mt-2 space-y-1 text-sm">
        {open_ids.map((id) => {
          const known = targets.find((one) => one.target.id === id);
          const name = known?.address || id;
          return (
            <li key={id} className="flex flex-wrap items-center gap-2">
              <span className="min-w-0 flex-1 break-all">{name}</span>
              <Button
                className="px-2.5 py-0.5 text-xs"
                aria-label={texts.chooseOf(name)}
                disabled={disabled}
                onClick={() => onChoose(id)}
              >
                {texts.choose}
              </Button>
              {any && known?.open && (
                <Button
                  className="px-2.5 py-0.5 text-xs"
                  aria-label={texts.closeOf(name)}
                  disabled={disabled}
                  onClick={() => onClose(id)}
                >
                  {texts.close}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
