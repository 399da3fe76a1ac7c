/** What the server says when it refuses, and what is said when it cannot be reached. */
import { texts } from "../texts";
import type { Bubble, ErrorBody, FieldProblem } from "./types";

/** A refusal of the server, in words for a person. `status` is 0 where it could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly bubbles: Bubble[] = [],
    /** Of a form: each field that is wrong. */
    readonly problems: FieldProblem[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "ApiError";
  }

  /** Whether the same would be refused again, however often. */
  get isFinal(): boolean {
    return [403, 404, 405, 410, 413, 422].includes(this.status);
  }

  /** Of a response that is no success, whether haedap wrote it or a proxy in between. */
  static async of(response: Response): Promise<ApiError> {
    const body = parsed(await response.text());
    return new ApiError(
      response.status,
      body?.code ?? "unknown",
      body?.error_message ?? texts.errors.unknown,
      body?.bubbles ?? [],
      body?.problems ?? [],
    );
  }

  /** Of a success that cannot be read: it broke off, or is the page of a network that wants its leave first. */
  static unreadable(cause: unknown): ApiError {
    return cause instanceof SyntaxError
      ? new ApiError(0, "unknown", texts.errors.unknown)
      : ApiError.unreachable(cause);
  }

  /** Of a file that broke off, or that is not what was packed. */
  static brokenOff(cause: unknown): ApiError {
    return new ApiError(0, "broken_off", texts.errors.brokenOff, [], [], { cause });
  }

  /** Of a server that cannot be reached: a broken connection is a TypeError, a silent one a timeout. Others are bugs. */
  static unreachable(cause: unknown): ApiError {
    if (!(cause instanceof TypeError) && !isTimeout(cause)) throw cause;
    return new ApiError(0, "unreachable", texts.errors.unreachable);
  }
}

/** A refusal as it is. Anything else is a bug: it is reported, and the customer is not left waiting. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  reportError(error);
  return new ApiError(0, "bug", texts.errors.unknown);
}

/** Whether it is what `AbortSignal.timeout` breaks off with. */
function isTimeout(cause: unknown): boolean {
  return cause instanceof Error && cause.name === "TimeoutError";
}

function parsed(text: string): Partial<ErrorBody> | null {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" ? body : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null; // a proxy's page of HTML
    throw error;
  }
}

/** Whether somebody else has changed the same thing meanwhile. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === "conflict";
}
