/** A version of a bot as people tell it: by when it was published, with its id small beside. */
import { dateTime, publishedAt } from "../format";
import { texts } from "../texts/bot";

export function VersionName({ version }: { version: string | null | undefined }) {
  if (!version) return null;
  const at = publishedAt(version);
  return (
    <>
      {at ? texts.publishedAt(dateTime(at)) : (texts.versionNames[version] ?? "")}{" "}
      <code className="wrap-anywhere text-muted text-xs">{version.split("#").at(-1)}</code>
    </>
  );
}
