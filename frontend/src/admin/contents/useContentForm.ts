/** A content's form: what it was made of, what is written in it, and whether that is saved. */
import { useState } from "react";
import type { ContentDetail } from "../../api/adminTypes";
import { useUnsaved } from "../router";
import { type ContentForm, changedFields, formOf } from "./form";

interface State {
  basedOn: string | undefined;
  saved: ContentForm;
  form: ContentForm;
}

/** What an operator sees first: the draft, else what is served, else what was removed. */
export function shownContent(detail: ContentDetail | null) {
  return detail?.draft ?? detail?.published ?? detail?.removed ?? null;
}

function stateOf(detail: ContentDetail | null): State {
  const form = formOf(shownContent(detail));
  return { basedOn: detail?.based_on, saved: form, form };
}

export function useContentForm(detail: ContentDetail | null) {
  const [state, setState] = useState(() => stateOf(detail));
  const dirty = changedFields(state.saved, state.form).length > 0;
  useUnsaved(dirty);
  // What somebody else has saved replaces nothing that is being written: saving that is refused then
  if (detail !== null && detail.based_on !== state.basedOn && !dirty) setState(stateOf(detail));
  return {
    form: state.form,
    basedOn: state.basedOn ?? "",
    dirty,
    change: (values: Partial<ContentForm>) => setState((one) => ({ ...one, form: { ...one.form, ...values } })),
    /** Begin again with what the server holds. */
    load: (from: ContentDetail | null) => setState(stateOf(from)),
  };
}
