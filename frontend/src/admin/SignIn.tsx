/** Asks for an operator's key, and tells kindly why one is not taken. */
import { type FormEvent, useId, useLayoutEffect, useRef, useState } from "react";
import type { AdminApi } from "../api/admin";
import type { Me } from "../api/adminTypes";
import { ApiError } from "../api/errors";
import { Button } from "../ui/Button";
import { Face } from "../ui/Face";
import { signIn, texts } from "./texts/common";
import { Alert } from "./ui/Alert";
import { CheckField } from "./ui/CheckField";
import { TextField } from "./ui/TextField";

/** What a header can hold; a key with Korean in it could not even be sent. */
const SENDABLE = /^[\x21-\x7e]+$/;

interface Props {
  /** Why one is asked again. */
  told: string | undefined;
  open: (key: string) => AdminApi;
  onEnter: (key: string, me: Me) => void;
  /** Where somebody was working: the log-in lies above that, and this leaves it. */
  onSignOut?: () => void;
}

export function SignIn({ told, open, onEnter, onSignOut }: Props) {
  const over = useOver(onSignOut !== undefined);
  const titleId = useId();
  const [key, setKey] = useState("");
  const [visible, setVisible] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(told);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const given = key.trim();
    if (!given) return setProblem(signIn.empty);
    if (!SENDABLE.test(given)) return setProblem(signIn.wrong);
    setBusy(true);
    try {
      onEnter(given, await open(given).get("/v1/admin/me"));
    } catch (error) {
      setProblem(refusal(error));
      setBusy(false);
    }
  };

  const form = (
    <form
      onSubmit={submit}
      aria-labelledby={titleId}
      className="w-full max-w-sm space-y-4 rounded-2xl border border-line bg-surface p-6"
      noValidate
    >
      <div className="flex items-center gap-3">
        <Face expression="SMILE" className="size-9" />
        <p className="text-muted text-sm">{texts.name}</p>
      </div>
      <div>
        <h1 id={titleId} className="font-semibold text-xl">
          {signIn.title}
        </h1>
        <p className="mt-1 text-muted text-sm">{signIn.lead}</p>
      </div>
      {problem && <Alert look="danger">{problem}</Alert>}
      <TextField
        label={signIn.key}
        type={visible ? "text" : "password"}
        name="admin-key"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        value={key}
        onChange={setKey}
        className="font-mono"
      />
      <CheckField label={signIn.show} checked={visible} onChange={setVisible} />
      <Button type="submit" look="filled" className="w-full" disabled={busy}>
        {busy ? signIn.submitting : signIn.submit}
      </Button>
      {onSignOut && (
        <Button className="w-full" onClick={onSignOut}>
          {signIn.leave}
        </Button>
      )}
    </form>
  );
  if (!onSignOut) return <main className="grid min-h-dvh place-items-center px-4 py-10">{form}</main>;
  return (
    <dialog
      ref={over}
      aria-labelledby={titleId}
      className="m-auto w-[min(24rem,calc(100vw-2rem))] rounded-2xl bg-transparent text-ink backdrop:bg-ground"
      onCancel={(event) => event.preventDefault()} // only a key opens what lies below
    >
      {form}
    </dialog>
  );
}

/** A modal dialog that nothing closes, above all others. */
function useOver(isOver: boolean) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    if (!isOver) return;
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, [isOver]);
  return dialog;
}

function refusal(error: unknown): string {
  if (!(error instanceof ApiError)) throw error;
  if (error.status === 401) return signIn.wrong;
  if (error.status === 403) return signIn.forbidden;
  return error.status === 429 ? signIn.busy : error.message;
}
