/** What is said where something could not be had or done, in the server's words where it gave some. */
import { ApiError } from "../../api/errors";
import { Button } from "../../ui/Button";
import { texts } from "../texts/common";
import { Alert } from "./Alert";

interface Props {
  error: unknown;
  onRetry?: (() => void) | undefined;
}

export function Failure({ error, onRetry }: Props) {
  if (!(error instanceof ApiError)) throw error; // a bug: the page's boundary tells it
  const others = [...new Set(error.problems.map((one) => one.message))].filter((one) => one !== error.message);
  return (
    <Alert look="danger">
      <div className="flex flex-wrap items-center gap-3">
        <p className="min-w-40 flex-1">{error.message}</p>
        {onRetry && (
          <Button className="px-3 py-1 text-ink text-sm" onClick={onRetry}>
            {texts.retry}
          </Button>
        )}
      </div>
      {others.length > 0 && (
        <ul className="mt-1.5 list-disc pl-5">
          {others.map((message) => (
            <li key={message}>{message}</li>
          ))}
        </ul>
      )}
    </Alert>
  );
}
