/** What publishing would change, field by field. */
import type { Content } from "../../api/adminTypes";
import { texts } from "../texts/contents";
import { Changes } from "../ui/Changes";
import { type ContentForm, changedFields, formOf, readable } from "./form";

/** Without a form it is to be removed: all of it would be gone. */
export function ContentChanges({ published, form }: { published: Content | null; form: ContentForm | null }) {
  const before = formOf(published);
  const after = form ?? formOf(null);
  const changed = changedFields(before, after);
  if (changed.length === 0) return <p className="text-muted text-sm">{texts.noChanges}</p>;
  return (
    <>
      <p className="mb-3 text-muted text-xs">{texts.unsavedHint}</p>
      <Changes
        changes={changed.map((name) => ({
          name: texts.fields[name],
          before: readable(before, name),
          after: readable(after, name),
        }))}
      />
    </>
  );
}
